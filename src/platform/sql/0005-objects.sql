-- Whether an organisation has an object of its own already, and since when (milliseconds since the epoch).
-- The object says so itself, before it looks up the first key: whoever changes a key or a policy afterwards
-- sees it and tells the object; whoever changed one before is seen by that look.
-- A blank line ends each statement; there is none inside one.

ALTER TABLE orgs ADD COLUMN object_at INTEGER;
