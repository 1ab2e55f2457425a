-- +goose Up

-- Durable faults: one group of topics at one house or landmark (package problem).
CREATE TABLE problem (
    id          BIGSERIAL PRIMARY KEY,
    region      TEXT    NOT NULL DEFAULT '',
    centre      TEXT    NOT NULL DEFAULT '',
    agency      BIGINT NOT NULL DEFAULT 0,
    topic_group TEXT    NOT NULL,
    settlement  TEXT    NOT NULL DEFAULT '',
    town        TEXT    NOT NULL DEFAULT '',
    street      TEXT    NOT NULL DEFAULT '',
    house       TEXT    NOT NULL DEFAULT '',
    landmark    TEXT    NOT NULL DEFAULT '',
    state       TEXT    NOT NULL,
    since       BIGINT NOT NULL DEFAULT 0,
    last_at     BIGINT NOT NULL DEFAULT 0,
    incidents   BIGINT NOT NULL DEFAULT 0,
    closed_at   BIGINT NOT NULL DEFAULT 0,
    closed_by   BIGINT NOT NULL DEFAULT 0,
    how         TEXT    NOT NULL DEFAULT '',
    reason      TEXT    NOT NULL DEFAULT '', -- official words
    reopened    BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX problem_place ON problem (region, topic_group, settlement, street, house, landmark);
CREATE INDEX problem_since ON problem (since, id, state, region, centre, agency);

CREATE TABLE problem_incident (
    incident BIGINT PRIMARY KEY REFERENCES incident (id),
    problem  BIGINT NOT NULL REFERENCES problem (id),
    region   TEXT    NOT NULL DEFAULT '',
    opened   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX problem_incident_problem ON problem_incident (problem, opened, incident);

-- Calls that must be made at once (package call).
CREATE TABLE call (
    id       BIGSERIAL PRIMARY KEY,
    incident BIGINT NOT NULL REFERENCES incident (id),
    message  BIGINT NOT NULL DEFAULT 0,
    region   TEXT    NOT NULL DEFAULT '',
    why      TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    at       BIGINT NOT NULL DEFAULT 0,
    whom     TEXT    NOT NULL DEFAULT '',
    made_by  BIGINT NOT NULL DEFAULT 0,
    made_at  BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX call_message ON call (message) WHERE message <> 0;
CREATE INDEX call_incident ON call (incident, id);
CREATE INDEX call_waiting ON call (id) WHERE state = 'waiting';

-- Erasable.
CREATE TABLE call_words (
    call   BIGINT PRIMARY KEY REFERENCES call (id),
    region TEXT    NOT NULL DEFAULT '',
    said   TEXT    NOT NULL DEFAULT ''
);
