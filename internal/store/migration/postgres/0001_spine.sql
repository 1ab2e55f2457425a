-- +goose Up

-- Times are microseconds since 1970 in UTC, 0 = not known. Flags are 0 or 1.
-- region, centre and agency are the scope of a row (package scope); tables that
-- hang on an incident or a message carry the region and are read through it.

CREATE TABLE incident (
    id              BIGSERIAL PRIMARY KEY,
    opened_key      BIGINT NOT NULL, -- order of opening: milliseconds, then id (see incident.go)
    number          TEXT    NOT NULL,
    version         BIGINT NOT NULL,
    region          TEXT    NOT NULL DEFAULT '',
    centre          TEXT    NOT NULL DEFAULT '',
    agency          BIGINT NOT NULL DEFAULT 0,
    state           TEXT    NOT NULL,
    is_open         BIGINT NOT NULL,
    outcome         TEXT    NOT NULL DEFAULT '',
    outcome_reason  TEXT    NOT NULL DEFAULT '',
    verified_by     BIGINT NOT NULL DEFAULT 0,
    verified_how    TEXT    NOT NULL DEFAULT '',
    verified_at     BIGINT NOT NULL DEFAULT 0,
    topic           TEXT    NOT NULL DEFAULT '',
    topic_group     TEXT    NOT NULL DEFAULT '',
    urgency         TEXT    NOT NULL DEFAULT '',
    calm            BIGINT NOT NULL, -- 0 danger, 1 high, 2 normal
    kind            TEXT    NOT NULL DEFAULT '',
    missing         TEXT    NOT NULL DEFAULT '', -- codes, a blank between them
    channel         TEXT    NOT NULL DEFAULT '',
    proposed        BIGINT NOT NULL DEFAULT 0,
    rule            BIGINT NOT NULL DEFAULT 0,
    settlement      TEXT    NOT NULL DEFAULT '',
    place_id        TEXT    NOT NULL DEFAULT '',
    settlement_name TEXT    NOT NULL DEFAULT '',
    street          TEXT    NOT NULL DEFAULT '',
    house           TEXT    NOT NULL DEFAULT '',
    landmark        TEXT    NOT NULL DEFAULT '',
    relation        TEXT    NOT NULL DEFAULT '',
    lat             DOUBLE PRECISION  NOT NULL DEFAULT 0,
    lon             DOUBLE PRECISION  NOT NULL DEFAULT 0,
    radius          BIGINT NOT NULL DEFAULT 0,
    executor        BIGINT NOT NULL DEFAULT 0,
    claimed_by      BIGINT NOT NULL DEFAULT 0,
    claimed_at      BIGINT NOT NULL DEFAULT 0,
    messages        BIGINT NOT NULL DEFAULT 0,
    first_message   BIGINT NOT NULL DEFAULT 0,
    reopened        BIGINT NOT NULL DEFAULT 0,
    published_at    BIGINT NOT NULL DEFAULT 0,
    opened_at       BIGINT NOT NULL DEFAULT 0,
    accepted_at     BIGINT NOT NULL DEFAULT 0,
    answered_at     BIGINT NOT NULL DEFAULT 0,
    closed_at       BIGINT NOT NULL DEFAULT 0,
    updated_at      BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX incident_number ON incident (number);

-- The queue. The planner of PostgreSQL knows its figures and chooses by itself;
-- a country's database is asked region by region.
CREATE INDEX incident_opened ON incident (opened_key);
CREATE INDEX incident_region ON incident (region, opened_key);
CREATE INDEX incident_urgent ON incident (region, calm, opened_key);
CREATE INDEX incident_changed ON incident (region, updated_at, id);
CREATE INDEX incident_state ON incident (region, state, opened_key);
CREATE INDEX incident_topic ON incident (region, topic, opened_key);
CREATE INDEX incident_group ON incident (region, topic_group, opened_key);
CREATE INDEX incident_agency ON incident (region, agency, opened_key);
CREATE INDEX incident_centre ON incident (region, centre, opened_key);
CREATE INDEX incident_open ON incident (region, opened_key) WHERE is_open = 1;
CREATE INDEX incident_open_urgent ON incident (region, calm, opened_key) WHERE is_open = 1;
CREATE INDEX incident_open_changed ON incident (region, updated_at, id) WHERE is_open = 1;
CREATE INDEX incident_missing ON incident (region, opened_key) WHERE missing <> '';
CREATE INDEX incident_claimed ON incident (claimed_by, opened_key) WHERE claimed_by <> 0;
CREATE INDEX incident_near ON incident (topic, settlement, street, opened_key);

-- The lemmas of an incident's messages, each once: what incident_search indexes. Erasable.
CREATE TABLE incident_words (
    incident BIGINT PRIMARY KEY REFERENCES incident (id),
    region   TEXT    NOT NULL DEFAULT '',
    lemmas   TEXT    NOT NULL
);

-- rowid is incident.opened_key, as in the twin file. Erasable.
CREATE TABLE incident_search (
    rowid  BIGINT PRIMARY KEY,
    lemmas tsvector NOT NULL
);
CREATE INDEX incident_search_lemmas ON incident_search USING gin (lemmas);

CREATE TABLE entry (
    id         BIGSERIAL PRIMARY KEY,
    incident   BIGINT NOT NULL REFERENCES incident (id),
    region     TEXT    NOT NULL DEFAULT '',
    version    BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    who        BIGINT NOT NULL,
    action     TEXT    NOT NULL,
    from_state TEXT    NOT NULL DEFAULT '',
    to_state   TEXT    NOT NULL DEFAULT '',
    detail     TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX entry_incident ON entry (incident, id);

CREATE TABLE message (
    id           BIGSERIAL PRIMARY KEY,
    source       TEXT    NOT NULL,
    native       TEXT    NOT NULL,
    region       TEXT    NOT NULL DEFAULT '',
    centre       TEXT    NOT NULL DEFAULT '',
    agency       BIGINT NOT NULL DEFAULT 0,
    channel      TEXT    NOT NULL DEFAULT '',
    form         TEXT    NOT NULL DEFAULT '',
    thread       TEXT    NOT NULL DEFAULT '',
    parent       TEXT    NOT NULL DEFAULT '',
    url          TEXT    NOT NULL DEFAULT '',
    author       TEXT    NOT NULL DEFAULT '',
    territory    TEXT    NOT NULL DEFAULT '',
    addressed    BIGINT NOT NULL DEFAULT 0,
    own          BIGINT NOT NULL DEFAULT 0,
    gone         BIGINT NOT NULL DEFAULT 0,
    current      BIGINT NOT NULL DEFAULT 0, -- revision.n of the text that holds; 0 = none yet
    revisions    BIGINT NOT NULL DEFAULT 0,
    text_time    BIGINT NOT NULL DEFAULT 0, -- the network's time of that text; 0 = it gave none
    tomb_time    BIGINT NOT NULL DEFAULT 0, -- the latest deletion that carried a time
    fingerprint  TEXT    NOT NULL DEFAULT '',
    incident     BIGINT NOT NULL DEFAULT 0,
    published_at BIGINT NOT NULL DEFAULT 0,
    seen_at      BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX message_native ON message (source, native);
CREATE INDEX message_incident ON message (incident);
CREATE INDEX message_thread ON message (source, thread);
CREATE INDEX message_fingerprint ON message (fingerprint) WHERE fingerprint <> '';

CREATE TABLE revision (
    message BIGINT NOT NULL REFERENCES message (id),
    n       BIGINT NOT NULL, -- from 1, in the order of arrival
    region  TEXT    NOT NULL DEFAULT '',
    key     TEXT    NOT NULL, -- message.Revision.Key; "d" before it for a deletion
    event   TEXT    NOT NULL,
    time    BIGINT NOT NULL DEFAULT 0,
    at      BIGINT NOT NULL DEFAULT 0, -- it was seen
    reading TEXT    NOT NULL DEFAULT '', -- JSON of a message.Reading: codes and offsets, no words
    PRIMARY KEY (message, n)
);
CREATE UNIQUE INDEX revision_key ON revision (message, key);

-- What a resident wrote and who it was. Erasable.
CREATE TABLE message_words (
    message     BIGINT NOT NULL REFERENCES message (id),
    n           BIGINT NOT NULL,
    region      TEXT    NOT NULL DEFAULT '',
    text        TEXT    NOT NULL DEFAULT '',
    author_name TEXT    NOT NULL DEFAULT '',
    contact     TEXT    NOT NULL DEFAULT '',
    lemmas      TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (message, n)
);

CREATE TABLE reply (
    id           BIGSERIAL PRIMARY KEY,
    incident     BIGINT NOT NULL REFERENCES incident (id),
    message      BIGINT NOT NULL DEFAULT 0,
    region       TEXT    NOT NULL DEFAULT '',
    centre       TEXT    NOT NULL DEFAULT '',
    agency       BIGINT NOT NULL DEFAULT 0,
    purpose      TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    written_by   BIGINT NOT NULL DEFAULT 0,
    approved_by  BIGINT NOT NULL DEFAULT 0,
    created_at   BIGINT NOT NULL DEFAULT 0,
    approved_at  BIGINT NOT NULL DEFAULT 0,
    published_at BIGINT NOT NULL DEFAULT 0,
    url          TEXT    NOT NULL DEFAULT '',
    native       TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX reply_incident ON reply (incident);
CREATE INDEX reply_native ON reply (native) WHERE native <> '';

-- Erasable.
CREATE TABLE reply_words (
    reply  BIGINT PRIMARY KEY REFERENCES reply (id),
    region TEXT    NOT NULL DEFAULT '',
    text   TEXT    NOT NULL DEFAULT '',
    reason TEXT    NOT NULL DEFAULT ''
);

CREATE TABLE job (
    id       BIGSERIAL PRIMARY KEY,
    reply    BIGINT NOT NULL,
    incident BIGINT NOT NULL,
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   BIGINT NOT NULL DEFAULT 0,
    source   TEXT    NOT NULL,
    thread   TEXT    NOT NULL DEFAULT '',
    parent   TEXT    NOT NULL DEFAULT '',
    key      TEXT    NOT NULL UNIQUE,
    state    TEXT    NOT NULL,
    unclear  BIGINT NOT NULL DEFAULT 0,
    tries    BIGINT NOT NULL DEFAULT 0,
    next_at  BIGINT NOT NULL DEFAULT 0,
    error    TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX job_due ON job (next_at, id) WHERE state = 'waiting';
CREATE INDEX job_sending ON job (id) WHERE state = 'sending';
CREATE INDEX job_thread ON job (source, thread);

CREATE TABLE agency (
    id       BIGSERIAL PRIMARY KEY,
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   BIGINT NOT NULL DEFAULT 0,
    name     TEXT    NOT NULL,
    short    TEXT    NOT NULL DEFAULT '',
    contact  TEXT    NOT NULL DEFAULT '', -- public
    approval BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE rule (
    id          BIGSERIAL PRIMARY KEY, -- history names rules: an id is never used again
    region      TEXT    NOT NULL,
    centre      TEXT    NOT NULL DEFAULT '',
    agency      BIGINT NOT NULL DEFAULT 0,
    place       BIGINT NOT NULL, -- in the list, from 1
    topic       TEXT    NOT NULL DEFAULT '',
    topic_group TEXT    NOT NULL DEFAULT '',
    territory   TEXT    NOT NULL DEFAULT '',
    answers     BIGINT NOT NULL DEFAULT 0 -- the agency that the rule chooses
);
CREATE INDEX rule_region ON rule (region, place);

CREATE TABLE account (
    id       BIGSERIAL PRIMARY KEY,
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   BIGINT NOT NULL DEFAULT 0,
    login    TEXT    NOT NULL UNIQUE,
    name     TEXT    NOT NULL DEFAULT '',
    role     TEXT    NOT NULL,
    hash     TEXT    NOT NULL DEFAULT '',
    disabled BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE session (
    token   TEXT    NOT NULL PRIMARY KEY, -- SHA-256 of the token
    data    BYTEA    NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX session_expires ON session (expires);

CREATE TABLE view (
    id     BIGSERIAL PRIMARY KEY,
    owner  BIGINT NOT NULL,
    region TEXT    NOT NULL DEFAULT '',
    name   TEXT    NOT NULL,
    query  TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX view_owner ON view (owner);

CREATE TABLE audit (
    id      BIGSERIAL PRIMARY KEY,
    region  TEXT    NOT NULL DEFAULT '',
    centre  TEXT    NOT NULL DEFAULT '',
    agency  BIGINT NOT NULL DEFAULT 0,
    at      BIGINT NOT NULL,
    who     BIGINT NOT NULL DEFAULT 0,
    deed    TEXT    NOT NULL,
    subject TEXT    NOT NULL DEFAULT ''
);

CREATE TABLE source (
    id        TEXT    NOT NULL PRIMARY KEY,
    region    TEXT    NOT NULL DEFAULT '',
    centre    TEXT    NOT NULL DEFAULT '',
    agency    BIGINT NOT NULL DEFAULT 0,
    channel   TEXT    NOT NULL DEFAULT '',
    name      TEXT    NOT NULL DEFAULT '',
    url       TEXT    NOT NULL DEFAULT '',
    territory TEXT    NOT NULL DEFAULT '',
    read_at   BIGINT NOT NULL DEFAULT 0,
    error     TEXT    NOT NULL DEFAULT '',
    messages  BIGINT NOT NULL DEFAULT 0,
    noted     BIGINT NOT NULL DEFAULT 0, -- 1 = it has a state to show, not only a cursor
    cursor    BYTEA,
    cursor_at BIGINT NOT NULL DEFAULT 0
);

-- What was pushed and not yet read. The payload is erased with the row.
CREATE TABLE inbox (
    id      BIGSERIAL PRIMARY KEY,
    region  TEXT    NOT NULL DEFAULT '',
    centre  TEXT    NOT NULL DEFAULT '',
    agency  BIGINT NOT NULL DEFAULT 0,
    source  TEXT    NOT NULL,
    native  TEXT    NOT NULL DEFAULT '',
    key     TEXT    NOT NULL DEFAULT '',
    payload BYTEA    NOT NULL,
    at      BIGINT NOT NULL,
    tries   BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX inbox_revision ON inbox (source, native, key);

CREATE TABLE inbox_call (
    source TEXT    NOT NULL,
    key    TEXT    NOT NULL,
    region TEXT    NOT NULL DEFAULT '',
    centre TEXT    NOT NULL DEFAULT '',
    agency BIGINT NOT NULL DEFAULT 0,
    at     BIGINT NOT NULL,
    PRIMARY KEY (source, key)
);
CREATE INDEX inbox_call_at ON inbox_call (at);

-- What intake could not take. The payload is erased with the row.
CREATE TABLE set_aside (
    id      BIGSERIAL PRIMARY KEY,
    region  TEXT    NOT NULL DEFAULT '',
    centre  TEXT    NOT NULL DEFAULT '',
    agency  BIGINT NOT NULL DEFAULT 0,
    source  TEXT    NOT NULL,
    native  TEXT    NOT NULL DEFAULT '',
    line    BIGINT NOT NULL DEFAULT 0,
    digest  TEXT    NOT NULL,
    reason  TEXT    NOT NULL,
    error   TEXT    NOT NULL DEFAULT '',
    payload BYTEA    NOT NULL,
    at      BIGINT NOT NULL
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
    lat          DOUBLE PRECISION  NOT NULL DEFAULT 0,
    lon          DOUBLE PRECISION  NOT NULL DEFAULT 0,
    population   BIGINT NOT NULL DEFAULT 0,
    zone         TEXT    NOT NULL DEFAULT '',
    aliases      TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX place_region ON place (region, id);

CREATE TABLE setting (
    region     TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    value      BYTEA    NOT NULL,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (region, key)
);
