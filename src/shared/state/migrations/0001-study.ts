/**
 * The first shape of a study's store. Once released a migration is never edited: what must change comes in the
 * next number.
 *
 * Times are Unix milliseconds. State names are those of `states.ts`; the CHECKs keep rows that could not be
 * explained from being written at all.
 */
export const migration0001 = `
CREATE TABLE study (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  -- Random, unique to this study: attempts carry it into job names and process environments.
  token       TEXT    NOT NULL CHECK (length(token) = 12),
  name        TEXT    NOT NULL CHECK (name <> ''),
  version     TEXT    NOT NULL,
  created_at  INTEGER NOT NULL,
  -- The Study as JSON, and its Expansion's columns as little-endian unsigned 32-bit integers.
  plan          TEXT NOT NULL CHECK (json_valid(plan)),
  template      BLOB NOT NULL,
  combination   BLOB NOT NULL,
  parents       BLOB NOT NULL,
  parents_start BLOB NOT NULL,
  -- What the plan was made from, as JSON: the name of the specification's copy, and the repositories cloned for it.
  source      TEXT    NOT NULL CHECK (json_valid(source)),
  -- Counts the specifications that the study has had.
  edition     INTEGER NOT NULL DEFAULT 1 CHECK (edition >= 1),
  outcome     TEXT    CHECK (outcome IN ('finished', 'failed', 'cancelled', 'dry')),
  ended_at    INTEGER,
  cancel_requested_at INTEGER,
  is_paused   INTEGER NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1)),
  CHECK ((outcome IS NULL) = (ended_at IS NULL))
);

CREATE TABLE limits (
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  attempts  INTEGER NOT NULL CHECK (attempts >= 1),
  rlimit    INTEGER NOT NULL CHECK (rlimit >= 0),
  throttle  INTEGER NOT NULL CHECK (throttle >= 0),
  sleeptime INTEGER NOT NULL CHECK (sleeptime >= 0)
);

CREATE TABLE step (
  id          INTEGER PRIMARY KEY CHECK (id >= 0),
  name        TEXT    NOT NULL,
  workspace   TEXT    NOT NULL,
  state       TEXT    NOT NULL DEFAULT 'INITIALIZED' CHECK (state IN (
                'INITIALIZED', 'PENDING', 'QUEUED', 'WAITING', 'RUNNING', 'FINISHING', 'FINISHED', 'FAILED',
                'TIMEDOUT', 'HWFAILURE', 'CANCELLED', 'UNKNOWN', 'NOTFOUND', 'INCOMPLETE', 'DRYRUN', 'REMOVED')),
  -- How many attempts there have been, and how many of them came again, by reason.
  attempts      INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  retries       INTEGER NOT NULL DEFAULT 0 CHECK (retries >= 0),
  restarts      INTEGER NOT NULL DEFAULT 0 CHECK (restarts >= 0),
  resubmissions INTEGER NOT NULL DEFAULT 0 CHECK (resubmissions >= 0),
  -- Asked to be cancelled while an attempt was in flight: it is not tried again, whatever becomes of that one.
  is_doomed     INTEGER NOT NULL DEFAULT 0 CHECK (is_doomed IN (0, 1)),
  -- Of a step that the study's specification has no more, as JSON: its template, its parameters, its workspace then.
  removed       TEXT    CHECK (json_valid(removed)),
  CHECK ((state = 'REMOVED') = (removed IS NOT NULL)),
  CHECK (attempts > 0 OR state IN ('INITIALIZED', 'FAILED', 'CANCELLED', 'DRYRUN', 'UNKNOWN', 'REMOVED'))
);

CREATE TABLE attempt (
  step         INTEGER NOT NULL REFERENCES step (id),
  number       INTEGER NOT NULL CHECK (number >= 1),
  script       TEXT    NOT NULL CHECK (script IN ('main', 'restart')),
  submitted_at INTEGER NOT NULL,
  -- The lease's epoch under which it was submitted: names the file with the runner's records.
  epoch        INTEGER NOT NULL CHECK (epoch >= 1),
  -- What the scheduler calls it; a process id on this machine.
  job          TEXT,
  host         TEXT    NOT NULL,
  gpus         TEXT    NOT NULL DEFAULT '',
  started_at   INTEGER,
  ended_at     INTEGER,
  outcome      TEXT CHECK (outcome IN (
                 'FINISHED', 'FAILED', 'TIMEDOUT', 'HWFAILURE', 'CANCELLED', 'UNKNOWN', 'DROPPED')),
  exit_code    INTEGER,
  signal       INTEGER,
  user_ms      INTEGER,
  system_ms    INTEGER,
  max_rss_kib  INTEGER,
  PRIMARY KEY (step, number),
  CHECK ((outcome IS NULL) = (ended_at IS NULL)),
  CHECK (started_at IS NULL OR job IS NOT NULL),
  CHECK (exit_code IS NULL OR signal IS NULL),
  CHECK (outcome <> 'FINISHED' OR started_at IS NOT NULL),
  CHECK (outcome <> 'DROPPED' OR started_at IS NULL)
) WITHOUT ROWID;

CREATE TABLE event (
  id         INTEGER PRIMARY KEY,
  at         INTEGER NOT NULL,
  -- NULL for what concerns the whole study: a conductor that came or went, changed limits.
  step       INTEGER REFERENCES step (id),
  from_state TEXT,
  to_state   TEXT,
  why        TEXT NOT NULL,
  CHECK ((step IS NULL) = (from_state IS NULL)),
  CHECK ((from_state IS NULL) = (to_state IS NULL))
);

CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

-- Requests that may be answered only once, such as to run steps again: whoever answers one records that before its
-- file is removed.
CREATE TABLE request (
  name      TEXT    PRIMARY KEY,
  served_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Who conducts the study now: no row, nobody ever has. A conductor that leaves in order sets released_at.
CREATE TABLE lease (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  -- Counts the holders. A conductor writes only while this is still its own number.
  epoch       INTEGER NOT NULL CHECK (epoch >= 1),
  host        TEXT    NOT NULL,
  boot        TEXT    NOT NULL,
  pid         INTEGER NOT NULL CHECK (pid > 0),
  -- The kernel's start time of the process in clock ticks: tells it from a later process of the same pid.
  start_ticks TEXT    NOT NULL,
  user        TEXT    NOT NULL,
  acquired_at INTEGER NOT NULL,
  heartbeat   INTEGER NOT NULL,
  released_at INTEGER
);
`;
