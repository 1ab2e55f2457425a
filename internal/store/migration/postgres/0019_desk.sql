-- +goose Up

-- Incidents that agencies pass on to one another: what waits for an arbiter.
CREATE TABLE dispute (
    incident   BIGINT NOT NULL PRIMARY KEY REFERENCES incident (id),
    region     TEXT    NOT NULL DEFAULT '',
    hops       BIGINT NOT NULL,
    state      TEXT    NOT NULL, -- waiting, decided
    since      BIGINT NOT NULL DEFAULT 0,
    decided_at BIGINT NOT NULL DEFAULT 0,
    decided_by BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX dispute_state ON dispute (state, since);

-- How an agency works: may who wrote a reply approve it; is it still there.
ALTER TABLE agency ADD COLUMN own_approval BIGINT NOT NULL DEFAULT 0;
ALTER TABLE agency ADD COLUMN disabled BIGINT NOT NULL DEFAULT 0;

-- Drafts that wait for approval, oldest first.
CREATE INDEX reply_draft ON reply (created_at, id) WHERE state = 'draft';

-- Who works on an incident beside the one who answers: agencies, people of them.
CREATE TABLE member (
    incident BIGINT NOT NULL REFERENCES incident (id),
    agency   BIGINT NOT NULL DEFAULT 0,
    account  BIGINT NOT NULL DEFAULT 0,
    region   TEXT    NOT NULL DEFAULT '',
    added_by BIGINT NOT NULL DEFAULT 0,
    at       BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (incident, agency, account)
);
CREATE INDEX member_agency ON member (agency, incident);

-- What colleagues tell each other. The words stand apart and are erasable.
CREATE TABLE note (
    id       BIGSERIAL PRIMARY KEY,
    incident BIGINT NOT NULL REFERENCES incident (id),
    region   TEXT    NOT NULL DEFAULT '',
    who      BIGINT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX note_incident ON note (incident);
CREATE TABLE note_words (
    note   BIGINT NOT NULL PRIMARY KEY REFERENCES note (id),
    region TEXT    NOT NULL DEFAULT '',
    text   TEXT    NOT NULL
);
CREATE TABLE mention (
    note     BIGINT NOT NULL REFERENCES note (id),
    account  BIGINT NOT NULL,
    region   TEXT    NOT NULL DEFAULT '',
    incident BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    seen_at  BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (note, account)
);
CREATE INDEX mention_account ON mention (account, seen_at, at);
CREATE TABLE follower (
    incident BIGINT NOT NULL REFERENCES incident (id),
    account  BIGINT NOT NULL,
    region   TEXT    NOT NULL DEFAULT '',
    at       BIGINT NOT NULL,
    PRIMARY KEY (incident, account)
);
CREATE INDEX follower_account ON follower (account, at);

-- What is to be done, point by point. The words stand apart and are erasable.
CREATE TABLE check_item (
    id       BIGSERIAL PRIMARY KEY,
    incident BIGINT NOT NULL REFERENCES incident (id),
    region   TEXT    NOT NULL DEFAULT '',
    added_by BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    due_at   BIGINT NOT NULL DEFAULT 0,
    done_at  BIGINT NOT NULL DEFAULT 0,
    done_by  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX check_item_incident ON check_item (incident);
CREATE TABLE check_words (
    item   BIGINT NOT NULL PRIMARY KEY REFERENCES check_item (id),
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
    from_id BIGINT NOT NULL REFERENCES incident (id),
    to_id   BIGINT NOT NULL REFERENCES incident (id),
    region  TEXT    NOT NULL DEFAULT '',
    kind    TEXT    NOT NULL, -- related; cause: from is the cause of to
    by_id   BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (from_id, to_id)
);
CREATE INDEX incident_link_to ON incident_link (to_id);

-- Shifts of the desk, one after another in each part of the region.
CREATE TABLE shift (
    id          BIGSERIAL PRIMARY KEY,
    region      TEXT    NOT NULL DEFAULT '',
    centre      TEXT    NOT NULL DEFAULT '',
    agency      BIGINT NOT NULL DEFAULT 0,
    opened_at   BIGINT NOT NULL,
    closed_at   BIGINT NOT NULL DEFAULT 0,
    closed_by   BIGINT NOT NULL DEFAULT 0,
    accepted_at BIGINT NOT NULL DEFAULT 0,
    accepted_by BIGINT NOT NULL DEFAULT 0,
    figures     TEXT    NOT NULL DEFAULT '' -- JSON: counts when it was closed
);
CREATE INDEX shift_place ON shift (region, centre, agency, id);
CREATE TABLE shift_words (
    shift  BIGINT NOT NULL PRIMARY KEY REFERENCES shift (id),
    region TEXT    NOT NULL DEFAULT '',
    text   TEXT    NOT NULL
);

-- Publications whose end nobody knows.
CREATE INDEX job_unclear ON job (incident) WHERE unclear = 1;
