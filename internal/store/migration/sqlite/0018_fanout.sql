-- +goose Up

-- Publication beyond one reply to one message (packages outbox, desk).

-- An incident that many people write about: one reply may go to all of them.
CREATE TABLE mass (
    incident INTEGER NOT NULL PRIMARY KEY REFERENCES incident (id),
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   INTEGER NOT NULL DEFAULT 0,
    at       INTEGER NOT NULL DEFAULT 0,
    who      INTEGER NOT NULL DEFAULT 0, -- 0: the machine
    why      TEXT    NOT NULL DEFAULT '' -- person, burst, merge
) WITHOUT ROWID;

-- One reply on its way to every thread of an incident.
CREATE TABLE fanout (
    id       INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL REFERENCES incident (id),
    reply    INTEGER NOT NULL REFERENCES reply (id),
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   INTEGER NOT NULL DEFAULT 0,
    state    TEXT    NOT NULL, -- running, paused, cancelled, done
    auto     INTEGER NOT NULL DEFAULT 0, -- who joins later gets it without asking
    due_on   TEXT    NOT NULL DEFAULT '', -- the date that {{срок}} stands for
    made_at  INTEGER NOT NULL DEFAULT 0,
    made_by  INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX fanout_incident ON fanout (incident);
CREATE INDEX fanout_reply ON fanout (reply);

ALTER TABLE job ADD COLUMN fanout   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN message  INTEGER NOT NULL DEFAULT 0; -- which is answered, of a fan-out
ALTER TABLE job ADD COLUMN turn     INTEGER NOT NULL DEFAULT 0; -- -1 urgent, 0 ordinary, 1 of a fan-out: who goes first
ALTER TABLE job ADD COLUMN urgent   INTEGER NOT NULL DEFAULT 0; -- leaves in quiet hours too
ALTER TABLE job ADD COLUMN tried_at INTEGER NOT NULL DEFAULT 0; -- the last try began
ALTER TABLE job ADD COLUMN sent_at  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN native   TEXT    NOT NULL DEFAULT ''; -- receipt, of a fan-out
ALTER TABLE job ADD COLUMN url      TEXT    NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN proof    TEXT    NOT NULL DEFAULT ''; -- receipt, read_back, person
ALTER TABLE job ADD COLUMN note     TEXT    NOT NULL DEFAULT ''; -- for people: why it waits or did not go
DROP INDEX job_due;
CREATE INDEX job_due ON job (source, turn, next_at, id) WHERE state = 'waiting';
CREATE INDEX job_fanout ON job (fanout, state, id) WHERE fanout <> 0;
CREATE INDEX job_message ON job (message) WHERE message <> 0;
CREATE INDEX job_native ON job (native) WHERE native <> '';
CREATE INDEX job_reply ON job (reply);
CREATE INDEX job_incident ON job (incident, id);
CREATE INDEX job_unknown ON job (id) WHERE state = 'unknown';

-- The words of a fan-out's reply as they go to one thread. Erasable.
CREATE TABLE job_words (
    job    INTEGER NOT NULL PRIMARY KEY REFERENCES job (id),
    region TEXT    NOT NULL DEFAULT '',
    text   TEXT    NOT NULL DEFAULT ''
);

-- A network that asked us to slow down or to send a person: it must be
-- remembered when the program starts anew.
CREATE TABLE outlet (
    source     TEXT    NOT NULL PRIMARY KEY,
    region     TEXT    NOT NULL DEFAULT '',
    centre     TEXT    NOT NULL DEFAULT '',
    agency     INTEGER NOT NULL DEFAULT 0,
    waits      INTEGER NOT NULL DEFAULT 0, -- for a person
    sentence   TEXT    NOT NULL DEFAULT '',
    code       INTEGER NOT NULL DEFAULT 0,
    since      INTEGER NOT NULL DEFAULT 0,
    rest_until INTEGER NOT NULL DEFAULT 0,
    floods     INTEGER NOT NULL DEFAULT 0, -- in a row
    spacing    INTEGER NOT NULL DEFAULT 0  -- microseconds between two sends
) WITHOUT ROWID;
