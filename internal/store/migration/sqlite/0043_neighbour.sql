-- +goose Up

-- Incidents that were handed to another city by Open311 (package neighbour).
CREATE TABLE neighbour_request (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    region       TEXT    NOT NULL DEFAULT '',
    incident     INTEGER NOT NULL REFERENCES incident (id),
    source       TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    service      TEXT    NOT NULL,
    name         TEXT    NOT NULL DEFAULT '',
    number       TEXT    NOT NULL DEFAULT '',
    token        TEXT    NOT NULL DEFAULT '',
    contact      INTEGER NOT NULL DEFAULT 0,
    tries        INTEGER NOT NULL DEFAULT 0,
    next_at      INTEGER NOT NULL DEFAULT 0, -- 0 = nothing is due any more
    tried_at     INTEGER NOT NULL DEFAULT 0,
    who          INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    sent_at      INTEGER NOT NULL DEFAULT 0,
    status       TEXT    NOT NULL DEFAULT '', -- in the city
    doer         TEXT    NOT NULL DEFAULT '', -- its agency
    expected_at  INTEGER NOT NULL DEFAULT 0,
    updated_at   INTEGER NOT NULL DEFAULT 0,
    seen_at      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX neighbour_request_of ON neighbour_request (incident);
CREATE INDEX neighbour_request_due ON neighbour_request (next_at) WHERE next_at > 0;
CREATE UNIQUE INDEX neighbour_request_key ON neighbour_request (key);

-- What of it may tell of a person, as JSON; erased with the words of the incident.
CREATE TABLE neighbour_words (
    request INTEGER PRIMARY KEY REFERENCES neighbour_request (id),
    region  TEXT NOT NULL DEFAULT '',
    body    TEXT NOT NULL
);
