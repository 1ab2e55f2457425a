-- +goose Up

-- Pictures and files: of messages, and those that staff added (package attachment).
-- The bytes stand in the vault beside the database, under their hash.
CREATE TABLE attachment (
    id       BIGSERIAL PRIMARY KEY,
    incident BIGINT NOT NULL DEFAULT 0, -- that staff added it to; 0 of a message
    message  BIGINT NOT NULL DEFAULT 0,
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   BIGINT NOT NULL DEFAULT 0,
    source   TEXT    NOT NULL DEFAULT '',
    kind     TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    why      TEXT    NOT NULL DEFAULT '',
    part     TEXT    NOT NULL DEFAULT '',
    hash     TEXT    NOT NULL DEFAULT '',
    small    TEXT    NOT NULL DEFAULT '',
    shown    TEXT    NOT NULL DEFAULT '', -- kind of the bytes
    type     TEXT    NOT NULL DEFAULT '',
    bytes    BIGINT NOT NULL DEFAULT 0,
    width    BIGINT NOT NULL DEFAULT 0,
    height   BIGINT NOT NULL DEFAULT 0,
    added_by BIGINT NOT NULL DEFAULT 0,
    at       BIGINT NOT NULL DEFAULT 0,
    tries    BIGINT NOT NULL DEFAULT 0,
    next_at  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX attachment_incident ON attachment (incident, id) WHERE incident <> 0;
CREATE INDEX attachment_message ON attachment (message, id) WHERE message <> 0;
CREATE INDEX attachment_wanted ON attachment (source, next_at) WHERE state = 'wanted';
CREATE INDEX attachment_hash ON attachment (hash) WHERE hash <> '';
CREATE INDEX attachment_small ON attachment (small) WHERE small <> '';

-- Erasable: addresses name their owners, titles are residents' words, and a camera
-- writes where and when.
CREATE TABLE attachment_words (
    attachment BIGINT PRIMARY KEY REFERENCES attachment (id),
    region     TEXT    NOT NULL DEFAULT '',
    name       TEXT    NOT NULL DEFAULT '',
    url        TEXT    NOT NULL DEFAULT '',
    title      TEXT    NOT NULL DEFAULT '',
    taken_at   BIGINT NOT NULL DEFAULT 0,
    lat        DOUBLE PRECISION NOT NULL DEFAULT 0,
    lon        DOUBLE PRECISION NOT NULL DEFAULT 0
);

-- Hashes of bytes whose row was taken away, until the vault has let go of them.
CREATE TABLE file_gone (
    hash TEXT NOT NULL PRIMARY KEY
);
