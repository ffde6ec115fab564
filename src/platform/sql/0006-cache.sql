-- How often an organisation's kept answers were purged: all of them, and those of single models, as
-- {"org": 0, "models": {"name": 1}}. What was kept under other numbers is not found any more.
-- A blank line ends each statement; there is none inside one.

ALTER TABLE orgs ADD COLUMN cache_purges TEXT NOT NULL DEFAULT '{"org":0,"models":{}}';
