-- +goose Up

-- The dialogue with residents in messengers (package talk). State holds the places that were read.
CREATE TABLE talk (
    id      INTEGER PRIMARY KEY,
    region  TEXT    NOT NULL DEFAULT '',
    centre  TEXT    NOT NULL DEFAULT '',
    agency  INTEGER NOT NULL DEFAULT 0,
    source  TEXT    NOT NULL,
    thread  TEXT    NOT NULL,
    round   INTEGER NOT NULL DEFAULT 0,
    state   TEXT    NOT NULL DEFAULT '',
    due     INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0,
    at      INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX talk_thread ON talk (source, thread);
CREATE INDEX talk_due ON talk (due) WHERE due > 0;
CREATE INDEX talk_blocked ON talk (source) WHERE blocked > 0;

-- What was said: the resident's words stand in the message, ours are erased with them.
CREATE TABLE talk_line (
    id       INTEGER PRIMARY KEY,
    region   TEXT    NOT NULL DEFAULT '',
    talk     INTEGER NOT NULL REFERENCES talk (id),
    source   TEXT    NOT NULL,
    round    INTEGER NOT NULL DEFAULT 0,
    at       INTEGER NOT NULL DEFAULT 0,
    kind     TEXT    NOT NULL,
    key      TEXT    NOT NULL DEFAULT '',
    message  INTEGER NOT NULL DEFAULT 0,
    incident INTEGER NOT NULL DEFAULT 0,
    text     TEXT    NOT NULL DEFAULT '',
    buttons  TEXT    NOT NULL DEFAULT '',
    point    INTEGER NOT NULL DEFAULT 0,
    asks     INTEGER NOT NULL DEFAULT 0,
    urgent   INTEGER NOT NULL DEFAULT 0,
    state    TEXT    NOT NULL DEFAULT '',
    tries    INTEGER NOT NULL DEFAULT 0,
    next_at  INTEGER NOT NULL DEFAULT 0,
    native   TEXT    NOT NULL DEFAULT '',
    note     TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX talk_line_talk ON talk_line (talk, round, id);
CREATE INDEX talk_line_due ON talk_line (source, next_at) WHERE state = 'waiting';
CREATE INDEX talk_line_sending ON talk_line (id) WHERE state = 'sending';
CREATE INDEX talk_line_unknown ON talk_line (source) WHERE state = 'unknown';
CREATE INDEX talk_line_incident ON talk_line (incident, id) WHERE incident > 0;
CREATE INDEX talk_line_message ON talk_line (message) WHERE message > 0;

-- Which incidents a talk is about: whom they tell how they come on.
CREATE TABLE talk_incident (
    region   TEXT    NOT NULL DEFAULT '',
    talk     INTEGER NOT NULL REFERENCES talk (id),
    incident INTEGER NOT NULL,
    at       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (talk, incident)
);
CREATE INDEX talk_incident_incident ON talk_incident (incident);

-- Texts of the talk as a centre words them, version by version; '' = the shipped one again.
CREATE TABLE talk_text (
    region  TEXT    NOT NULL DEFAULT '',
    key     TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    words   TEXT    NOT NULL DEFAULT '',
    made_by INTEGER NOT NULL DEFAULT 0,
    at      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (region, key, n)
);
