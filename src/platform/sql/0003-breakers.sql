-- What operators have last wished of breakers; the breakers themselves are Durable Objects.
-- Times are milliseconds since the epoch.
-- A blank line ends each statement; there is none inside one.

CREATE TABLE breakers (
  -- The object: provider, upstream name and region, with bars between.
  target TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('closed', 'isolated', 'auto')),
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  -- Rises with each wish, so that one that arrives late is known as such.
  revision INTEGER NOT NULL
) STRICT;
