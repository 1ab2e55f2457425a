-- +goose Up

-- Versions of what is learnt from people's decisions (package lesson). No words
-- of residents: a model knows words by 32-bit hashes, figures are counts and ids.
CREATE TABLE lesson (
    id         INTEGER PRIMARY KEY,
    region     TEXT    NOT NULL DEFAULT '',
    centre     TEXT    NOT NULL DEFAULT '',
    agency     INTEGER NOT NULL DEFAULT 0,
    subject    TEXT    NOT NULL,
    number     INTEGER NOT NULL, -- from 1 in its subject
    state      TEXT    NOT NULL,
    reason     TEXT    NOT NULL DEFAULT '',
    made_at    INTEGER NOT NULL DEFAULT 0,
    made_by    INTEGER NOT NULL DEFAULT 0,
    decided_at INTEGER NOT NULL DEFAULT 0,
    decided_by INTEGER NOT NULL DEFAULT 0,
    before     INTEGER NOT NULL DEFAULT 0,
    shipped    INTEGER NOT NULL DEFAULT 0,
    corrected  INTEGER NOT NULL DEFAULT 0,
    confirmed  INTEGER NOT NULL DEFAULT 0,
    data       TEXT    NOT NULL DEFAULT '',
    figures    TEXT    NOT NULL DEFAULT '' -- JSON of lesson.Figures
);
CREATE UNIQUE INDEX lesson_number ON lesson (region, subject, number);
CREATE UNIQUE INDEX lesson_active ON lesson (region, subject) WHERE state = 'active';

-- The model files, apart: lists of versions do not touch them.
CREATE TABLE lesson_model (
    lesson INTEGER NOT NULL PRIMARY KEY REFERENCES lesson (id),
    region TEXT    NOT NULL DEFAULT '',
    model  BLOB NOT NULL
);

-- The night that one of the processes has claimed to learn in.
CREATE TABLE lesson_night (
    region TEXT    NOT NULL PRIMARY KEY,
    centre TEXT    NOT NULL DEFAULT '',
    agency INTEGER NOT NULL DEFAULT 0,
    night  TEXT    NOT NULL
) WITHOUT ROWID;

-- Corrections by people, for learning.
CREATE INDEX entry_correct ON entry (incident) WHERE action = 'correct';
