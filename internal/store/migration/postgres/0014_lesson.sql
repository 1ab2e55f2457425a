-- +goose Up

-- Versions of what is learnt from people's decisions (package lesson). No words
-- of residents: a model knows words by 32-bit hashes, figures are counts and ids.
CREATE TABLE lesson (
    id         BIGSERIAL PRIMARY KEY,
    region     TEXT    NOT NULL DEFAULT '',
    centre     TEXT    NOT NULL DEFAULT '',
    agency     BIGINT NOT NULL DEFAULT 0,
    subject    TEXT    NOT NULL,
    number     BIGINT NOT NULL, -- from 1 in its subject
    state      TEXT    NOT NULL,
    reason     TEXT    NOT NULL DEFAULT '',
    made_at    BIGINT NOT NULL DEFAULT 0,
    made_by    BIGINT NOT NULL DEFAULT 0,
    decided_at BIGINT NOT NULL DEFAULT 0,
    decided_by BIGINT NOT NULL DEFAULT 0,
    before     BIGINT NOT NULL DEFAULT 0,
    shipped    BIGINT NOT NULL DEFAULT 0,
    corrected  BIGINT NOT NULL DEFAULT 0,
    confirmed  BIGINT NOT NULL DEFAULT 0,
    data       TEXT    NOT NULL DEFAULT '',
    figures    TEXT    NOT NULL DEFAULT '' -- JSON of lesson.Figures
);
CREATE UNIQUE INDEX lesson_number ON lesson (region, subject, number);
CREATE UNIQUE INDEX lesson_active ON lesson (region, subject) WHERE state = 'active';

-- The model files, apart: lists of versions do not touch them.
CREATE TABLE lesson_model (
    lesson BIGINT NOT NULL PRIMARY KEY REFERENCES lesson (id),
    region TEXT    NOT NULL DEFAULT '',
    model  BYTEA NOT NULL
);

-- The night that one of the processes has claimed to learn in.
CREATE TABLE lesson_night (
    region TEXT    NOT NULL PRIMARY KEY,
    centre TEXT    NOT NULL DEFAULT '',
    agency BIGINT NOT NULL DEFAULT 0,
    night  TEXT    NOT NULL
);

-- Corrections by people, for learning.
CREATE INDEX entry_correct ON entry (incident) WHERE action = 'correct';
