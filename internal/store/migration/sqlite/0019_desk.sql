-- +goose Up

-- Incidents that agencies pass on to one another: what waits for an arbiter.
CREATE TABLE dispute (
    incident   INTEGER PRIMARY KEY REFERENCES incident (id),
    region     TEXT    NOT NULL DEFAULT '',
    hops       INTEGER NOT NULL,
    state      TEXT    NOT NULL, -- waiting, decided
    since      INTEGER NOT NULL DEFAULT 0,
    decided_at INTEGER NOT NULL DEFAULT 0,
    decided_by INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX dispute_state ON dispute (state, since);

-- How an agency works: may who wrote a reply approve it; is it still there.
ALTER TABLE agency ADD COLUMN own_approval INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agency ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;

-- Drafts that wait for approval, oldest first.
CREATE INDEX reply_draft ON reply (created_at, id) WHERE state = 'draft';

-- Who works on an incident beside the one who answers: agencies, people of them.
CREATE TABLE member (
    incident INTEGER NOT NULL REFERENCES incident (id),
    agency   INTEGER NOT NULL DEFAULT 0,
    account  INTEGER NOT NULL DEFAULT 0,
    region   TEXT    NOT NULL DEFAULT '',
    added_by INTEGER NOT NULL DEFAULT 0,
    at       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (incident, agency, account)
);
CREATE INDEX member_agency ON member (agency, incident);

-- What colleagues tell each other. The words stand apart and are erasable.
CREATE TABLE note (
    id       INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL REFERENCES incident (id),
    region   TEXT    NOT NULL DEFAULT '',
    who      INTEGER NOT NULL,
    at       INTEGER NOT NULL
);
CREATE INDEX note_incident ON note (incident);
CREATE TABLE note_words (
    note   INTEGER PRIMARY KEY REFERENCES note (id),
    region TEXT    NOT NULL DEFAULT '',
    text   TEXT    NOT NULL
);
CREATE TABLE mention (
    note     INTEGER NOT NULL REFERENCES note (id),
    account  INTEGER NOT NULL,
    region   TEXT    NOT NULL DEFAULT '',
    incident INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    seen_at  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (note, account)
);
CREATE INDEX mention_account ON mention (account, seen_at, at);
CREATE TABLE follower (
    incident INTEGER NOT NULL REFERENCES incident (id),
    account  INTEGER NOT NULL,
    region   TEXT    NOT NULL DEFAULT '',
    at       INTEGER NOT NULL,
    PRIMARY KEY (incident, account)
);
CREATE INDEX follower_account ON follower (account, at);

-- What is to be done, point by point. The words stand apart and are erasable.
CREATE TABLE check_item (
    id       INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL REFERENCES incident (id),
    region   TEXT    NOT NULL DEFAULT '',
    added_by INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    due_at   INTEGER NOT NULL DEFAULT 0,
    done_at  INTEGER NOT NULL DEFAULT 0,
    done_by  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX check_item_incident ON check_item (incident);
CREATE TABLE check_words (
    item   INTEGER PRIMARY KEY REFERENCES check_item (id),
    region TEXT    NOT NULL DEFAULT '',
    text   TEXT    NOT NULL
);
CREATE TABLE checklist (
    region      TEXT    NOT NULL,
    topic       TEXT    NOT NULL DEFAULT '',
    topic_group TEXT    NOT NULL DEFAULT '',
    items       TEXT    NOT NULL, -- JSON list of our own words
    PRIMARY KEY (region, topic, topic_group)
);

-- Incidents that have to do with one another, short of being one.
CREATE TABLE incident_link (
    from_id INTEGER NOT NULL REFERENCES incident (id),
    to_id   INTEGER NOT NULL REFERENCES incident (id),
    region  TEXT    NOT NULL DEFAULT '',
    kind    TEXT    NOT NULL, -- related; cause: from is the cause of to
    by_id   INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (from_id, to_id)
);
CREATE INDEX incident_link_to ON incident_link (to_id);

-- Shifts of the desk, one after another in each part of the region.
CREATE TABLE shift (
    id          INTEGER PRIMARY KEY,
    region      TEXT    NOT NULL DEFAULT '',
    centre      TEXT    NOT NULL DEFAULT '',
    agency      INTEGER NOT NULL DEFAULT 0,
    opened_at   INTEGER NOT NULL,
    closed_at   INTEGER NOT NULL DEFAULT 0,
    closed_by   INTEGER NOT NULL DEFAULT 0,
    accepted_at INTEGER NOT NULL DEFAULT 0,
    accepted_by INTEGER NOT NULL DEFAULT 0,
    figures     TEXT    NOT NULL DEFAULT '' -- JSON: counts when it was closed
);
CREATE INDEX shift_place ON shift (region, centre, agency, id);
CREATE TABLE shift_words (
    shift  INTEGER PRIMARY KEY REFERENCES shift (id),
    region TEXT    NOT NULL DEFAULT '',
    text   TEXT    NOT NULL
);

-- Publications whose end nobody knows.
CREATE INDEX job_unclear ON job (incident) WHERE unclear = 1;
