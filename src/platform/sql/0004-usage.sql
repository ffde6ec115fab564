-- What was used: every request's row for a while, its sums by the hour for longer, what was refused,
-- what could not be applied, and which rows lie in the archive.
-- Times are milliseconds since the epoch, money is nano-USD, "" stands where something is absent,
-- "*" for the users and tags of an hour that has too many of them.
-- A blank line ends each statement; there is none inside one.

CREATE TABLE usage_rows (
  request_id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  status INTEGER NOT NULL,
  -- The whole row as JSON, also what this version of the Worker does not know.
  document TEXT NOT NULL,
  -- From here on: what the row counts for, and where.
  hour INTEGER NOT NULL,
  org TEXT NOT NULL,
  team TEXT NOT NULL,
  user TEXT NOT NULL,
  key TEXT NOT NULL,
  model TEXT NOT NULL,
  provider TEXT NOT NULL,
  canary TEXT NOT NULL,
  shadow TEXT NOT NULL,
  tags TEXT NOT NULL,
  cached INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  broken INTEGER NOT NULL,
  fallback INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  unpriced INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  delivered_tokens INTEGER NOT NULL,
  lost_tokens INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  saved INTEGER NOT NULL,
  timed INTEGER NOT NULL,
  latency INTEGER NOT NULL,
  -- Null where it is not known what part of the latency was the gateway's.
  gateway_bucket INTEGER,
  -- The archive's object that holds this version; null until it was claimed for one.
  export INTEGER
) STRICT;

CREATE INDEX usage_rows_by_time ON usage_rows (at, request_id);

CREATE INDEX usage_rows_by_org ON usage_rows (org, at, request_id);

CREATE INDEX usage_rows_by_key ON usage_rows (key, at, request_id);

CREATE INDEX usage_rows_to_export ON usage_rows (at) WHERE export IS NULL;

CREATE INDEX usage_rows_by_export ON usage_rows (export) WHERE export IS NOT NULL;

CREATE TABLE usage_hours (
  hour INTEGER NOT NULL,
  org TEXT NOT NULL,
  team TEXT NOT NULL,
  user TEXT NOT NULL,
  key TEXT NOT NULL,
  model TEXT NOT NULL,
  provider TEXT NOT NULL,
  canary TEXT NOT NULL,
  shadow TEXT NOT NULL,
  tags TEXT NOT NULL,
  cached INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  broken INTEGER NOT NULL,
  fallback INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  unpriced INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  delivered_tokens INTEGER NOT NULL,
  lost_tokens INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  saved INTEGER NOT NULL,
  timed INTEGER NOT NULL,
  latency INTEGER NOT NULL,
  PRIMARY KEY (hour, org, team, user, key, model, provider, canary, shadow, tags, cached)
) STRICT, WITHOUT ROWID;

-- How many rows an organisation has in an hour of usage_hours.
CREATE TABLE usage_sizes (
  hour INTEGER NOT NULL,
  org TEXT NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (hour, org)
) STRICT, WITHOUT ROWID;

-- How long requests spent in the gateway itself: how many fell into each bucket of a histogram.
CREATE TABLE usage_waits (
  hour INTEGER NOT NULL,
  org TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  PRIMARY KEY (hour, org, bucket)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER usage_hours_grown AFTER INSERT ON usage_hours
BEGIN
  INSERT INTO usage_sizes (hour, org, size) VALUES (NEW.hour, NEW.org, 1)
  ON CONFLICT DO UPDATE SET size = size + 1;
END;

CREATE TRIGGER usage_hours_shrunk AFTER DELETE ON usage_hours
BEGIN
  UPDATE usage_sizes SET size = size - 1 WHERE hour = OLD.hour AND org = OLD.org;
END;

-- The sums move in the statement that writes a row: there is no moment at which only one of them is there.
CREATE TRIGGER usage_rows_counted AFTER INSERT ON usage_rows
BEGIN
  INSERT INTO usage_hours (
    hour, org, team, user, key, model, provider, canary, shadow, tags, cached, requests, failed,
    broken, fallback, estimated, unpriced, input_tokens, cached_input_tokens, cache_write_tokens,
    output_tokens, reasoning_tokens, delivered_tokens, lost_tokens, cost, saved, timed, latency)
  VALUES (
    NEW.hour, NEW.org, NEW.team, NEW.user, NEW.key, NEW.model, NEW.provider, NEW.canary,
    NEW.shadow, NEW.tags, NEW.cached, 1, NEW.failed, NEW.broken, NEW.fallback, NEW.estimated,
    NEW.unpriced, NEW.input_tokens, NEW.cached_input_tokens, NEW.cache_write_tokens,
    NEW.output_tokens, NEW.reasoning_tokens, NEW.delivered_tokens, NEW.lost_tokens, NEW.cost,
    NEW.saved, NEW.timed, NEW.latency)
  ON CONFLICT DO UPDATE SET
    requests = requests + excluded.requests, failed = failed + excluded.failed,
    broken = broken + excluded.broken, fallback = fallback + excluded.fallback,
    estimated = estimated + excluded.estimated, unpriced = unpriced + excluded.unpriced,
    input_tokens = input_tokens + excluded.input_tokens,
    cached_input_tokens = cached_input_tokens + excluded.cached_input_tokens,
    cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens,
    delivered_tokens = delivered_tokens + excluded.delivered_tokens,
    lost_tokens = lost_tokens + excluded.lost_tokens, cost = cost + excluded.cost,
    saved = saved + excluded.saved, timed = timed + excluded.timed,
    latency = latency + excluded.latency;
  INSERT INTO usage_waits (hour, org, bucket, requests)
  SELECT NEW.hour, NEW.org, NEW.gateway_bucket, 1 WHERE NEW.gateway_bucket IS NOT NULL
  ON CONFLICT DO UPDATE SET requests = requests + 1;
END;

-- Only a new version moves sums; neither an export nor a deletion does.
CREATE TRIGGER usage_rows_recounted AFTER UPDATE OF version ON usage_rows
BEGIN
  UPDATE usage_hours SET
    requests = requests - 1, failed = failed - OLD.failed, broken = broken - OLD.broken,
    fallback = fallback - OLD.fallback, estimated = estimated - OLD.estimated,
    unpriced = unpriced - OLD.unpriced, input_tokens = input_tokens - OLD.input_tokens,
    cached_input_tokens = cached_input_tokens - OLD.cached_input_tokens,
    cache_write_tokens = cache_write_tokens - OLD.cache_write_tokens,
    output_tokens = output_tokens - OLD.output_tokens,
    reasoning_tokens = reasoning_tokens - OLD.reasoning_tokens,
    delivered_tokens = delivered_tokens - OLD.delivered_tokens,
    lost_tokens = lost_tokens - OLD.lost_tokens, cost = cost - OLD.cost,
    saved = saved - OLD.saved, timed = timed - OLD.timed, latency = latency - OLD.latency
  WHERE
    hour = OLD.hour AND org = OLD.org AND team = OLD.team AND user = OLD.user
    AND key = OLD.key AND model = OLD.model AND provider = OLD.provider
    AND canary = OLD.canary AND shadow = OLD.shadow AND tags = OLD.tags AND cached = OLD.cached;
  UPDATE usage_waits SET requests = requests - 1
  WHERE hour = OLD.hour AND org = OLD.org AND bucket = OLD.gateway_bucket;
  INSERT INTO usage_hours (
    hour, org, team, user, key, model, provider, canary, shadow, tags, cached, requests, failed,
    broken, fallback, estimated, unpriced, input_tokens, cached_input_tokens, cache_write_tokens,
    output_tokens, reasoning_tokens, delivered_tokens, lost_tokens, cost, saved, timed, latency)
  VALUES (
    NEW.hour, NEW.org, NEW.team, NEW.user, NEW.key, NEW.model, NEW.provider, NEW.canary,
    NEW.shadow, NEW.tags, NEW.cached, 1, NEW.failed, NEW.broken, NEW.fallback, NEW.estimated,
    NEW.unpriced, NEW.input_tokens, NEW.cached_input_tokens, NEW.cache_write_tokens,
    NEW.output_tokens, NEW.reasoning_tokens, NEW.delivered_tokens, NEW.lost_tokens, NEW.cost,
    NEW.saved, NEW.timed, NEW.latency)
  ON CONFLICT DO UPDATE SET
    requests = requests + excluded.requests, failed = failed + excluded.failed,
    broken = broken + excluded.broken, fallback = fallback + excluded.fallback,
    estimated = estimated + excluded.estimated, unpriced = unpriced + excluded.unpriced,
    input_tokens = input_tokens + excluded.input_tokens,
    cached_input_tokens = cached_input_tokens + excluded.cached_input_tokens,
    cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens,
    delivered_tokens = delivered_tokens + excluded.delivered_tokens,
    lost_tokens = lost_tokens + excluded.lost_tokens, cost = cost + excluded.cost,
    saved = saved + excluded.saved, timed = timed + excluded.timed,
    latency = latency + excluded.latency;
  INSERT INTO usage_waits (hour, org, bucket, requests)
  SELECT NEW.hour, NEW.org, NEW.gateway_bucket, 1 WHERE NEW.gateway_bucket IS NOT NULL
  ON CONFLICT DO UPDATE SET requests = requests + 1;
  DELETE FROM usage_hours WHERE requests = 0 AND
    hour = OLD.hour AND org = OLD.org AND team = OLD.team AND user = OLD.user
    AND key = OLD.key AND model = OLD.model AND provider = OLD.provider
    AND canary = OLD.canary AND shadow = OLD.shadow AND tags = OLD.tags AND cached = OLD.cached;
  DELETE FROM usage_waits
  WHERE requests = 0 AND hour = OLD.hour AND org = OLD.org AND bucket = OLD.gateway_bucket;
END;

-- Each tally that came, so that it counts once however often it comes.
CREATE TABLE usage_tallies (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  denials TEXT NOT NULL
) STRICT;

CREATE TABLE usage_denials (
  hour INTEGER NOT NULL,
  org TEXT NOT NULL,
  status INTEGER NOT NULL,
  code TEXT NOT NULL,
  rule TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (hour, org, status, code, rule)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER usage_tallies_counted AFTER INSERT ON usage_tallies
BEGIN
  INSERT INTO usage_denials (hour, org, status, code, rule, count)
  SELECT value ->> 'hour', coalesce(value ->> 'org', ''), value ->> 'status', value ->> 'code',
    value ->> 'rule', value ->> 'count'
  FROM json_each(NEW.denials) WHERE true
  ON CONFLICT DO UPDATE SET count = count + excluded.count;
END;

CREATE TABLE usage_exports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Of the object in the archive. Random in part, so that a restored database never overwrites one.
  name TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  -- When the object was written; null until then.
  done_at INTEGER
) STRICT;

CREATE INDEX usage_exports_open ON usage_exports (id) WHERE done_at IS NULL;

-- Messages that could not be applied, until somebody has them applied again.
CREATE TABLE dead_letters (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  body TEXT NOT NULL,
  -- How often they were tried again from here.
  attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
