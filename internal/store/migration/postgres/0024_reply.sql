-- +goose Up

-- Solved incidents whose reply may serve for another (package precedent): verified, or
-- marked well. The terms are hashes of lemmas of the complaint. Erasable.
CREATE TABLE precedent (
    incident    BIGINT PRIMARY KEY REFERENCES incident (id),
    reply       BIGINT NOT NULL,
    region      TEXT    NOT NULL DEFAULT '',
    topic       TEXT    NOT NULL DEFAULT '',
    settlement  TEXT    NOT NULL DEFAULT '',
    mark        BIGINT NOT NULL DEFAULT 0, -- hundredths of the mean; 0 = none
    at          BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX precedent_topic ON precedent (region, topic, incident);
CREATE INDEX precedent_place ON precedent (region, topic, settlement, incident);

CREATE TABLE precedent_term (
    term     BIGINT NOT NULL,
    incident BIGINT NOT NULL,
    region   TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (region, term, incident)
);
CREATE INDEX precedent_term_incident ON precedent_term (incident);

-- What of a reply is for its author alone, and why what looks like personal data may
-- stand where everybody reads. Erasable.
ALTER TABLE reply_words ADD COLUMN private TEXT NOT NULL DEFAULT '';
ALTER TABLE reply_words ADD COLUMN cleared TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN reads BIGINT NOT NULL DEFAULT 0; -- it opens that part, and judges nothing
CREATE INDEX ticket_reads ON ticket (incident, reply) WHERE reads = 1;

-- Drafts of the assistant.
CREATE TABLE machine_draft (
    id       BIGSERIAL PRIMARY KEY,
    incident BIGINT NOT NULL REFERENCES incident (id),
    region   TEXT    NOT NULL DEFAULT '',
    kind     TEXT    NOT NULL,
    model    TEXT    NOT NULL DEFAULT '',
    asked_by BIGINT NOT NULL DEFAULT 0,
    at       BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX machine_draft_incident ON machine_draft (incident, id);

-- Erasable.
CREATE TABLE machine_words (
    draft  BIGINT PRIMARY KEY REFERENCES machine_draft (id),
    region TEXT    NOT NULL DEFAULT '',
    text   TEXT    NOT NULL DEFAULT ''
);
