-- +goose Up

-- What residents say about the result (package feedback). Words stand in the
-- message, or, from the page of a link, in voice_words. Erasable: evidence holds offsets.
CREATE TABLE voice (
    id         BIGSERIAL PRIMARY KEY,
    incident   BIGINT NOT NULL REFERENCES incident (id),
    reply      BIGINT NOT NULL DEFAULT 0,
    message    BIGINT NOT NULL DEFAULT 0,
    region     TEXT    NOT NULL DEFAULT '',
    speaker    TEXT    NOT NULL,
    way        TEXT    NOT NULL,
    meaning    TEXT    NOT NULL,
    mark       BIGINT NOT NULL DEFAULT 0,
    sure       DOUBLE PRECISION    NOT NULL DEFAULT 0,
    evidence   TEXT    NOT NULL DEFAULT '', -- JSON of feedback.Evidence
    state      TEXT    NOT NULL,
    at         BIGINT NOT NULL DEFAULT 0,
    decided_by BIGINT NOT NULL DEFAULT 0,
    decided_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX voice_incident ON voice (incident, id);
CREATE UNIQUE INDEX voice_message ON voice (message) WHERE message <> 0;
CREATE INDEX voice_waiting ON voice (id) WHERE state = 'waiting';

CREATE TABLE voice_words (
    voice  BIGINT PRIMARY KEY REFERENCES voice (id),
    region TEXT    NOT NULL DEFAULT '',
    text   TEXT    NOT NULL DEFAULT ''
);

-- Endings of work with the answer to "how is it known?".
CREATE TABLE closure (
    id         BIGSERIAL PRIMARY KEY,
    incident   BIGINT NOT NULL REFERENCES incident (id),
    region     TEXT    NOT NULL DEFAULT '',
    outcome    TEXT    NOT NULL,
    how        TEXT    NOT NULL,
    closed_by  BIGINT NOT NULL DEFAULT 0,
    at         BIGINT NOT NULL DEFAULT 0,
    by_agency  BIGINT NOT NULL DEFAULT 0, -- that held the incident then
    sampled    BIGINT NOT NULL DEFAULT 0,
    checked_at BIGINT NOT NULL DEFAULT 0,
    checked_by BIGINT NOT NULL DEFAULT 0,
    false_at   BIGINT NOT NULL DEFAULT 0,
    false_why  TEXT    NOT NULL DEFAULT '',
    repeated   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX closure_incident ON closure (incident, id);
CREATE INDEX closure_sampled ON closure (id) WHERE sampled = 1 AND checked_at = 0 AND false_at = 0;
CREATE INDEX closure_agency ON closure (by_agency, at);

-- One-use links to judge an incident.
CREATE TABLE ticket (
    secret   TEXT    NOT NULL PRIMARY KEY, -- SHA-256
    incident BIGINT NOT NULL,
    reply    BIGINT NOT NULL DEFAULT 0,
    region   TEXT    NOT NULL DEFAULT '',
    expires  BIGINT NOT NULL,
    used_at  BIGINT NOT NULL DEFAULT 0
);
