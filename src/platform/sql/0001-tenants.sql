-- Organisations, their teams and users, API keys, and the append-only record of who changed what.
-- Times are milliseconds since the epoch. JSON columns hold validated documents.
-- `revision` counts the changes of a row: a writer names the one that it has read.
-- A blank line ends each statement; there is none inside one.

CREATE TABLE orgs (
  id TEXT PRIMARY KEY,
  -- So that all three of organisation, team and user are found by (org, id).
  org TEXT NOT NULL GENERATED ALWAYS AS (id) VIRTUAL,
  -- The random alias that stands in keys and request ids; a recreated organisation gets another.
  tenant TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  policy TEXT NOT NULL,
  location_hint TEXT,
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE teams (
  org TEXT NOT NULL REFERENCES orgs (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  policy TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, id)
) STRICT;

CREATE TABLE users (
  org TEXT NOT NULL REFERENCES orgs (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  policy TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, id)
) STRICT;

CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  -- Null for an admin key.
  org TEXT REFERENCES orgs (id),
  team TEXT,
  user TEXT,
  name TEXT,
  tags TEXT NOT NULL,
  scopes TEXT NOT NULL,
  policy TEXT NOT NULL,
  expires_at INTEGER,
  created_at INTEGER NOT NULL,
  -- HMAC-SHA-256 of the secret, in hexadecimal, and which pepper it was made with.
  digest TEXT NOT NULL,
  pepper TEXT NOT NULL,
  last4 TEXT NOT NULL,
  -- The first key of a chain of rotations: all of them share their counters.
  lineage TEXT NOT NULL,
  -- The key that took over; null until this one is rotated.
  rotated_to TEXT,
  revision INTEGER NOT NULL DEFAULT 1,
  FOREIGN KEY (org, team) REFERENCES teams (org, id),
  FOREIGN KEY (org, user) REFERENCES users (org, id)
) STRICT;

CREATE INDEX keys_by_team ON keys (org, team);

CREATE INDEX keys_by_user ON keys (org, user);

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  request_id TEXT,
  before_hash TEXT,
  after_hash TEXT
);

CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'audit is append-only');
END;

CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'audit is append-only');
END;

-- INSERT OR REPLACE would delete a row without asking the trigger above.
CREATE TRIGGER audit_refuses_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
BEGIN
  SELECT RAISE(ABORT, 'audit is append-only');
END;
