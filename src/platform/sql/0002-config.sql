-- Every version of the configuration, for ever. The newest one is in force.
-- A blank line ends each statement; there is none inside one.

CREATE TABLE config_versions (
  version INTEGER PRIMARY KEY,
  -- Strong, quotes included, as it stands in the ETag header.
  etag TEXT NOT NULL,
  -- The document as JSON text; it was valid when it was written.
  document TEXT NOT NULL,
  -- Milliseconds since the epoch.
  at INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT;

CREATE TRIGGER config_versions_refuses_update BEFORE UPDATE ON config_versions
BEGIN
  SELECT RAISE(ABORT, 'config_versions is append-only');
END;

CREATE TRIGGER config_versions_refuses_delete BEFORE DELETE ON config_versions
BEGIN
  SELECT RAISE(ABORT, 'config_versions is append-only');
END;

-- INSERT OR REPLACE would delete a row without asking the trigger above.
CREATE TRIGGER config_versions_refuses_replace BEFORE INSERT ON config_versions
WHEN EXISTS (SELECT 1 FROM config_versions WHERE version = NEW.version)
BEGIN
  SELECT RAISE(ABORT, 'config_versions is append-only');
END;
