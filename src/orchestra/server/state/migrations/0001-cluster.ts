/**
 * The cluster's store. Times are Unix milliseconds, sizes are bytes. What tasks compute is not in here but in
 * their studies; `job` and `task` hold what was last seen of it, so that a board costs one query.
 */
export const migration0001 = `
CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  email TEXT NOT NULL DEFAULT '',
  -- A hash by argon2id, with its parameters in it.
  password TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('user', 'admin')),
  state TEXT NOT NULL CHECK (state IN ('registered', 'active', 'inactive')),
  -- The P of the LCG rule.
  max_priority REAL NOT NULL CHECK (max_priority >= 0),
  storage_quota INTEGER CHECK (storage_quota >= 0),
  job_quota INTEGER CHECK (job_quota >= 0),
  created_at INTEGER NOT NULL
) STRICT;
-- Names become directories, and some file systems take Ada and ada for one.
CREATE UNIQUE INDEX user_name_in_any_case ON user (name COLLATE NOCASE);

-- The queues that a user may use; none: those that are open to everybody.
CREATE TABLE user_queue (
  user INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  queue TEXT NOT NULL,
  PRIMARY KEY (user, queue)
) STRICT, WITHOUT ROWID;

-- Tokens are never stored, only what SHA-256 makes of them.
CREATE TABLE token (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  user INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('api', 'page')),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL CHECK (expires_at > created_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_of_user ON token (user);
CREATE INDEX token_by_expiry ON token (expires_at);

-- Whom to slow down: an account or an address, with how often it has failed in a row.
CREATE TABLE login_failure (
  subject TEXT PRIMARY KEY,
  failures INTEGER NOT NULL CHECK (failures > 0),
  last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_failure_by_time ON login_failure (last_at);

CREATE TABLE dataset (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  owner INTEGER NOT NULL REFERENCES user,
  -- Uploaded files, or the outputs of the task of the same name.
  kind TEXT NOT NULL CHECK (kind IN ('files', 'outputs')),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX dataset_of_owner ON dataset (owner);

-- Content, stored once however many files have it.
CREATE TABLE blob (
  sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
  size INTEGER NOT NULL CHECK (size >= 0),
  stored_at INTEGER NOT NULL,
  verified_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sound', 'rotten'))
) STRICT, WITHOUT ROWID;

CREATE TABLE file (
  dataset INTEGER NOT NULL REFERENCES dataset ON DELETE CASCADE,
  -- Relative, with slashes.
  path TEXT NOT NULL CHECK (path <> ''),
  sha256 TEXT NOT NULL REFERENCES blob,
  size INTEGER NOT NULL CHECK (size >= 0),
  uploaded_at INTEGER NOT NULL,
  PRIMARY KEY (dataset, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_of_blob ON file (sha256);

-- Uploads that are under way, by the id that the resumable protocol gives them.
CREATE TABLE upload (
  id TEXT PRIMARY KEY,
  user INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  dataset TEXT NOT NULL,
  path TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size >= 0),
  started_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- An id is never given twice: studies are named by it, and may be there a little longer than their task.
CREATE TABLE task (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  owner INTEGER NOT NULL REFERENCES user,
  queue TEXT NOT NULL,
  image TEXT NOT NULL,
  -- As it was given, and with the files of its datasets in it: a retry runs the same, whatever was uploaded since.
  exec TEXT NOT NULL,
  command TEXT NOT NULL,
  data_dataset TEXT NOT NULL,
  config_dataset TEXT NOT NULL,
  is_dummy_data INTEGER NOT NULL CHECK (is_dummy_data IN (0, 1)),
  is_dummy_config INTEGER NOT NULL CHECK (is_dummy_config IN (0, 1)),
  et REAL NOT NULL,
  eta REAL NOT NULL,
  -- How many jobs are tested before the others; 0: none.
  canaries INTEGER NOT NULL CHECK (canaries >= 0),
  -- Where its files lie; the dataset of the task's name.
  output INTEGER NOT NULL REFERENCES dataset,
  -- Counts the studies made for it: starting over makes another one.
  run INTEGER NOT NULL CHECK (run >= 1),
  -- What of its study has been seen, as the engine counts it.
  seen INTEGER NOT NULL DEFAULT 0,
  -- The failed jobs are to run again, and the engine has not been told yet.
  wants_retry INTEGER NOT NULL DEFAULT 0 CHECK (wants_retry IN (0, 1)),
  -- Why it is what it is, as a sentence; empty where the state says it all.
  reason TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL CHECK (state IN ('registered', 'testing', 'running', 'broken', 'done', 'finalized', 'kill',
    'killed', 'to_be_removed', 'to_be_removed_soon')),
  state_at INTEGER NOT NULL,
  -- What it was before it was to be removed: a retry goes on from there.
  ended_as TEXT CHECK (ended_as IN ('broken', 'done', 'finalized', 'killed')),
  ended_at INTEGER,
  created_at INTEGER NOT NULL,
  CHECK ((ended_as IS NOT NULL) = (state IN ('broken', 'done', 'finalized', 'killed', 'to_be_removed',
    'to_be_removed_soon'))),
  CHECK ((ended_at IS NULL) = (ended_as IS NULL)),
  CHECK (wants_retry = 0 OR state = 'running')
) STRICT;
CREATE INDEX task_of_owner ON task (owner);
CREATE INDEX task_in_state ON task (state);

-- The further datasets of a task, by the words that stand for them in its command.
CREATE TABLE task_secondary (
  task INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
  key TEXT NOT NULL,
  dataset TEXT NOT NULL,
  PRIMARY KEY (task, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
  task INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK (number >= 0),
  -- Its file of the configuration dataset; empty where that is a dummy.
  input TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('registered', 'assigned', 'testing', 'running', 'done', 'failed', 'broken',
    'kill', 'killed')),
  node TEXT,
  started_at INTEGER,
  ended_at INTEGER,
  PRIMARY KEY (task, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_in_state ON job (state, task);

-- How many jobs of a task are in which state, kept by the triggers: boards are asked for far more often than jobs
-- change.
CREATE TABLE job_count (
  task INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
  state TEXT NOT NULL,
  jobs INTEGER NOT NULL CHECK (jobs >= 0),
  PRIMARY KEY (task, state)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER job_made AFTER INSERT ON job BEGIN
  INSERT INTO job_count VALUES (NEW.task, NEW.state, 1) ON CONFLICT DO UPDATE SET jobs = jobs + 1;
END;
CREATE TRIGGER job_changed AFTER UPDATE OF state ON job WHEN OLD.state <> NEW.state BEGIN
  UPDATE job_count SET jobs = jobs - 1 WHERE task = OLD.task AND state = OLD.state;
  INSERT INTO job_count VALUES (NEW.task, NEW.state, 1) ON CONFLICT DO UPDATE SET jobs = jobs + 1;
END;

-- Runs of tasks that nobody needs any more, whose studies are still to be removed.
CREATE TABLE removal (
  task INTEGER NOT NULL,
  run INTEGER NOT NULL,
  PRIMARY KEY (task, run)
) STRICT, WITHOUT ROWID;

-- What is to be mailed; a row goes once the mail has left.
CREATE TABLE mail (
  id INTEGER PRIMARY KEY,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  written_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL
) STRICT;

-- Who did what. Never changed, never deleted by the program.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  -- A user's name, or 'console' for who sits at the server.
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  outcome TEXT NOT NULL,
  address TEXT NOT NULL,
  request TEXT NOT NULL
) STRICT;
`;
