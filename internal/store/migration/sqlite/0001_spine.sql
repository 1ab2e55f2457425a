-- +goose Up

-- Times are microseconds since 1970 in UTC, 0 = not known. Flags are 0 or 1.
-- region, centre and agency are the scope of a row (package scope); tables that
-- hang on an incident or a message carry the region and are read through it.

CREATE TABLE incident (
    id              INTEGER PRIMARY KEY,
    opened_key      INTEGER NOT NULL, -- order of opening: milliseconds, then id (see incident.go)
    number          TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    region          TEXT    NOT NULL DEFAULT '',
    centre          TEXT    NOT NULL DEFAULT '',
    agency          INTEGER NOT NULL DEFAULT 0,
    state           TEXT    NOT NULL,
    is_open         INTEGER NOT NULL,
    outcome         TEXT    NOT NULL DEFAULT '',
    outcome_reason  TEXT    NOT NULL DEFAULT '',
    verified_by     INTEGER NOT NULL DEFAULT 0,
    verified_how    TEXT    NOT NULL DEFAULT '',
    verified_at     INTEGER NOT NULL DEFAULT 0,
    topic           TEXT    NOT NULL DEFAULT '',
    topic_group     TEXT    NOT NULL DEFAULT '',
    urgency         TEXT    NOT NULL DEFAULT '',
    calm            INTEGER NOT NULL, -- 0 danger, 1 high, 2 normal
    kind            TEXT    NOT NULL DEFAULT '',
    missing         TEXT    NOT NULL DEFAULT '', -- codes, a blank between them
    channel         TEXT    NOT NULL DEFAULT '',
    proposed        INTEGER NOT NULL DEFAULT 0,
    rule            INTEGER NOT NULL DEFAULT 0,
    settlement      TEXT    NOT NULL DEFAULT '',
    place_id        TEXT    NOT NULL DEFAULT '',
    settlement_name TEXT    NOT NULL DEFAULT '',
    street          TEXT    NOT NULL DEFAULT '',
    house           TEXT    NOT NULL DEFAULT '',
    landmark        TEXT    NOT NULL DEFAULT '',
    relation        TEXT    NOT NULL DEFAULT '',
    lat             REAL    NOT NULL DEFAULT 0,
    lon             REAL    NOT NULL DEFAULT 0,
    radius          INTEGER NOT NULL DEFAULT 0,
    executor        INTEGER NOT NULL DEFAULT 0,
    claimed_by      INTEGER NOT NULL DEFAULT 0,
    claimed_at      INTEGER NOT NULL DEFAULT 0,
    messages        INTEGER NOT NULL DEFAULT 0,
    first_message   INTEGER NOT NULL DEFAULT 0,
    reopened        INTEGER NOT NULL DEFAULT 0,
    published_at    INTEGER NOT NULL DEFAULT 0,
    opened_at       INTEGER NOT NULL DEFAULT 0,
    accepted_at     INTEGER NOT NULL DEFAULT 0,
    answered_at     INTEGER NOT NULL DEFAULT 0,
    closed_at       INTEGER NOT NULL DEFAULT 0,
    updated_at      INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX incident_number ON incident (number);

-- The queue. Each index answers a filter in the order of opening and carries the
-- other columns that filters ask for, so that the row itself is not touched
-- before it is shown (see plan.go, which chooses among them).
CREATE INDEX incident_opened ON incident (opened_key, region, centre, agency, state, is_open, calm, channel, claimed_by, missing, updated_at);
CREATE INDEX incident_urgent ON incident (calm, opened_key, region, centre, agency, state, is_open, channel, claimed_by, missing, updated_at);
CREATE INDEX incident_changed ON incident (updated_at, id, region, centre, agency, state, is_open, calm, channel, claimed_by, missing);
CREATE INDEX incident_state ON incident (state, opened_key, region, centre, agency, is_open, calm, channel, claimed_by, missing, updated_at);
CREATE INDEX incident_topic ON incident (topic, opened_key, region, centre, agency, state, is_open, calm, channel, claimed_by, missing, updated_at);
CREATE INDEX incident_group ON incident (topic_group, opened_key, region, centre, agency, state, is_open, calm, channel, claimed_by, missing, updated_at);
CREATE INDEX incident_agency ON incident (agency, opened_key, region, centre, state, is_open, calm, channel, claimed_by, missing, updated_at);
CREATE INDEX incident_centre ON incident (centre, opened_key, region, agency, state, is_open, calm, channel, claimed_by, missing, updated_at);
CREATE INDEX incident_channel ON incident (channel, opened_key, region, centre, agency, state, is_open, calm, claimed_by, missing, updated_at);
CREATE INDEX incident_open ON incident (opened_key, region, centre, agency, state, is_open, calm, channel, claimed_by, missing, updated_at) WHERE is_open = 1;
CREATE INDEX incident_open_urgent ON incident (calm, opened_key, region, centre, agency, state, is_open, channel, claimed_by, missing, updated_at) WHERE is_open = 1;
CREATE INDEX incident_open_changed ON incident (updated_at, id, region, centre, agency, state, is_open, calm, channel, claimed_by, missing) WHERE is_open = 1;
CREATE INDEX incident_missing ON incident (opened_key, region, centre, agency, state, is_open, calm, channel, claimed_by, missing, updated_at) WHERE missing <> '';
CREATE INDEX incident_claimed ON incident (claimed_by, opened_key, region, centre, agency, state, is_open, calm, channel, missing, updated_at) WHERE claimed_by <> 0;
CREATE INDEX incident_near ON incident (topic, settlement, street, opened_key);

-- The lemmas of an incident's messages, each once: what incident_search indexes. Erasable.
CREATE TABLE incident_words (
    incident INTEGER PRIMARY KEY REFERENCES incident (id),
    region   TEXT    NOT NULL DEFAULT '',
    lemmas   TEXT    NOT NULL
);

-- rowid is incident.opened_key, so that a search comes out in the order of the queue.
CREATE VIRTUAL TABLE incident_search USING fts5 (
    lemmas, content = '', detail = none, columnsize = 0, tokenize = "ascii tokenchars '_'"
);
INSERT INTO incident_search (incident_search, rank) VALUES ('secure-delete', 1);

CREATE TABLE entry (
    id         INTEGER PRIMARY KEY,
    incident   INTEGER NOT NULL REFERENCES incident (id),
    region     TEXT    NOT NULL DEFAULT '',
    version    INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    who        INTEGER NOT NULL,
    action     TEXT    NOT NULL,
    from_state TEXT    NOT NULL DEFAULT '',
    to_state   TEXT    NOT NULL DEFAULT '',
    detail     TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX entry_incident ON entry (incident, id);

CREATE TABLE message (
    id           INTEGER PRIMARY KEY,
    source       TEXT    NOT NULL,
    native       TEXT    NOT NULL,
    region       TEXT    NOT NULL DEFAULT '',
    centre       TEXT    NOT NULL DEFAULT '',
    agency       INTEGER NOT NULL DEFAULT 0,
    channel      TEXT    NOT NULL DEFAULT '',
    form         TEXT    NOT NULL DEFAULT '',
    thread       TEXT    NOT NULL DEFAULT '',
    parent       TEXT    NOT NULL DEFAULT '',
    url          TEXT    NOT NULL DEFAULT '',
    author       TEXT    NOT NULL DEFAULT '',
    territory    TEXT    NOT NULL DEFAULT '',
    addressed    INTEGER NOT NULL DEFAULT 0,
    own          INTEGER NOT NULL DEFAULT 0,
    gone         INTEGER NOT NULL DEFAULT 0,
    current      INTEGER NOT NULL DEFAULT 0, -- revision.n of the text that holds; 0 = none yet
    revisions    INTEGER NOT NULL DEFAULT 0,
    text_time    INTEGER NOT NULL DEFAULT 0, -- the network's time of that text; 0 = it gave none
    tomb_time    INTEGER NOT NULL DEFAULT 0, -- the latest deletion that carried a time
    fingerprint  TEXT    NOT NULL DEFAULT '',
    incident     INTEGER NOT NULL DEFAULT 0,
    published_at INTEGER NOT NULL DEFAULT 0,
    seen_at      INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX message_native ON message (source, native);
CREATE INDEX message_incident ON message (incident);
CREATE INDEX message_thread ON message (source, thread);
CREATE INDEX message_fingerprint ON message (fingerprint) WHERE fingerprint <> '';

CREATE TABLE revision (
    message INTEGER NOT NULL REFERENCES message (id),
    n       INTEGER NOT NULL, -- from 1, in the order of arrival
    region  TEXT    NOT NULL DEFAULT '',
    key     TEXT    NOT NULL, -- message.Revision.Key; "d" before it for a deletion
    event   TEXT    NOT NULL,
    time    INTEGER NOT NULL DEFAULT 0,
    at      INTEGER NOT NULL DEFAULT 0, -- it was seen
    reading TEXT    NOT NULL DEFAULT '', -- JSON of a message.Reading: codes and offsets, no words
    PRIMARY KEY (message, n)
) WITHOUT ROWID;
CREATE UNIQUE INDEX revision_key ON revision (message, key);

-- What a resident wrote and who it was. Erasable.
CREATE TABLE message_words (
    message     INTEGER NOT NULL REFERENCES message (id),
    n           INTEGER NOT NULL,
    region      TEXT    NOT NULL DEFAULT '',
    text        TEXT    NOT NULL DEFAULT '',
    author_name TEXT    NOT NULL DEFAULT '',
    contact     TEXT    NOT NULL DEFAULT '',
    lemmas      TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (message, n)
) WITHOUT ROWID;

CREATE TABLE reply (
    id           INTEGER PRIMARY KEY,
    incident     INTEGER NOT NULL REFERENCES incident (id),
    message      INTEGER NOT NULL DEFAULT 0,
    region       TEXT    NOT NULL DEFAULT '',
    centre       TEXT    NOT NULL DEFAULT '',
    agency       INTEGER NOT NULL DEFAULT 0,
    purpose      TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    written_by   INTEGER NOT NULL DEFAULT 0,
    approved_by  INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL DEFAULT 0,
    approved_at  INTEGER NOT NULL DEFAULT 0,
    published_at INTEGER NOT NULL DEFAULT 0,
    url          TEXT    NOT NULL DEFAULT '',
    native       TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX reply_incident ON reply (incident);
CREATE INDEX reply_native ON reply (native) WHERE native <> '';

-- Erasable.
CREATE TABLE reply_words (
    reply  INTEGER PRIMARY KEY REFERENCES reply (id),
    region TEXT    NOT NULL DEFAULT '',
    text   TEXT    NOT NULL DEFAULT '',
    reason TEXT    NOT NULL DEFAULT ''
);

CREATE TABLE job (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    reply    INTEGER NOT NULL,
    incident INTEGER NOT NULL,
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   INTEGER NOT NULL DEFAULT 0,
    source   TEXT    NOT NULL,
    thread   TEXT    NOT NULL DEFAULT '',
    parent   TEXT    NOT NULL DEFAULT '',
    key      TEXT    NOT NULL UNIQUE,
    state    TEXT    NOT NULL,
    unclear  INTEGER NOT NULL DEFAULT 0,
    tries    INTEGER NOT NULL DEFAULT 0,
    next_at  INTEGER NOT NULL DEFAULT 0,
    error    TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX job_due ON job (next_at, id) WHERE state = 'waiting';
CREATE INDEX job_sending ON job (id) WHERE state = 'sending';
CREATE INDEX job_thread ON job (source, thread);

CREATE TABLE agency (
    id       INTEGER PRIMARY KEY,
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   INTEGER NOT NULL DEFAULT 0,
    name     TEXT    NOT NULL,
    short    TEXT    NOT NULL DEFAULT '',
    contact  TEXT    NOT NULL DEFAULT '', -- public
    approval INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE rule (
    id          INTEGER PRIMARY KEY AUTOINCREMENT, -- history names rules: an id is never used again
    region      TEXT    NOT NULL,
    centre      TEXT    NOT NULL DEFAULT '',
    agency      INTEGER NOT NULL DEFAULT 0,
    place       INTEGER NOT NULL, -- in the list, from 1
    topic       TEXT    NOT NULL DEFAULT '',
    topic_group TEXT    NOT NULL DEFAULT '',
    territory   TEXT    NOT NULL DEFAULT '',
    answers     INTEGER NOT NULL DEFAULT 0 -- the agency that the rule chooses
);
CREATE INDEX rule_region ON rule (region, place);

CREATE TABLE account (
    id       INTEGER PRIMARY KEY,
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   INTEGER NOT NULL DEFAULT 0,
    login    TEXT    NOT NULL UNIQUE,
    name     TEXT    NOT NULL DEFAULT '',
    role     TEXT    NOT NULL,
    hash     TEXT    NOT NULL DEFAULT '',
    disabled INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE session (
    token   TEXT    NOT NULL PRIMARY KEY, -- SHA-256 of the token
    data    BLOB    NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_expires ON session (expires);

CREATE TABLE view (
    id     INTEGER PRIMARY KEY,
    owner  INTEGER NOT NULL,
    region TEXT    NOT NULL DEFAULT '',
    name   TEXT    NOT NULL,
    query  TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX view_owner ON view (owner);

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    region  TEXT    NOT NULL DEFAULT '',
    centre  TEXT    NOT NULL DEFAULT '',
    agency  INTEGER NOT NULL DEFAULT 0,
    at      INTEGER NOT NULL,
    who     INTEGER NOT NULL DEFAULT 0,
    deed    TEXT    NOT NULL,
    subject TEXT    NOT NULL DEFAULT ''
);

CREATE TABLE source (
    id        TEXT    NOT NULL PRIMARY KEY,
    region    TEXT    NOT NULL DEFAULT '',
    centre    TEXT    NOT NULL DEFAULT '',
    agency    INTEGER NOT NULL DEFAULT 0,
    channel   TEXT    NOT NULL DEFAULT '',
    name      TEXT    NOT NULL DEFAULT '',
    url       TEXT    NOT NULL DEFAULT '',
    territory TEXT    NOT NULL DEFAULT '',
    read_at   INTEGER NOT NULL DEFAULT 0,
    error     TEXT    NOT NULL DEFAULT '',
    messages  INTEGER NOT NULL DEFAULT 0,
    noted     INTEGER NOT NULL DEFAULT 0, -- 1 = it has a state to show, not only a cursor
    cursor    BLOB,
    cursor_at INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- What was pushed and not yet read. The payload is erased with the row.
CREATE TABLE inbox (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    region  TEXT    NOT NULL DEFAULT '',
    centre  TEXT    NOT NULL DEFAULT '',
    agency  INTEGER NOT NULL DEFAULT 0,
    source  TEXT    NOT NULL,
    native  TEXT    NOT NULL DEFAULT '',
    key     TEXT    NOT NULL DEFAULT '',
    payload BLOB    NOT NULL,
    at      INTEGER NOT NULL,
    tries   INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX inbox_revision ON inbox (source, native, key);

CREATE TABLE inbox_call (
    source TEXT    NOT NULL,
    key    TEXT    NOT NULL,
    region TEXT    NOT NULL DEFAULT '',
    centre TEXT    NOT NULL DEFAULT '',
    agency INTEGER NOT NULL DEFAULT 0,
    at     INTEGER NOT NULL,
    PRIMARY KEY (source, key)
) WITHOUT ROWID;
CREATE INDEX inbox_call_at ON inbox_call (at);

-- What intake could not take. The payload is erased with the row.
CREATE TABLE set_aside (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    region  TEXT    NOT NULL DEFAULT '',
    centre  TEXT    NOT NULL DEFAULT '',
    agency  INTEGER NOT NULL DEFAULT 0,
    source  TEXT    NOT NULL,
    native  TEXT    NOT NULL DEFAULT '',
    line    INTEGER NOT NULL DEFAULT 0,
    digest  TEXT    NOT NULL,
    reason  TEXT    NOT NULL,
    error   TEXT    NOT NULL DEFAULT '',
    payload BLOB    NOT NULL,
    at      INTEGER NOT NULL
);
CREATE UNIQUE INDEX set_aside_once ON set_aside (source, native, line, digest);

CREATE TABLE place (
    id           TEXT    NOT NULL PRIMARY KEY,
    region       TEXT    NOT NULL DEFAULT '',
    level        TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    type         TEXT    NOT NULL DEFAULT '',
    municipality TEXT    NOT NULL DEFAULT '',
    settlement   TEXT    NOT NULL DEFAULT '',
    lat          REAL    NOT NULL DEFAULT 0,
    lon          REAL    NOT NULL DEFAULT 0,
    population   INTEGER NOT NULL DEFAULT 0,
    zone         TEXT    NOT NULL DEFAULT '',
    aliases      TEXT    NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX place_region ON place (region, id);

CREATE TABLE setting (
    region     TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    value      BLOB    NOT NULL,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (region, key)
) WITHOUT ROWID;
