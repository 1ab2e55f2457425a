-- +goose Up

-- Standing queries as analysts save them (package standing).
CREATE TABLE standing (
    id          INTEGER PRIMARY KEY AUTOINCREMENT, -- readings and counts name queries: an id is never used again
    version     INTEGER NOT NULL,
    region      TEXT    NOT NULL DEFAULT '',
    centre      TEXT    NOT NULL DEFAULT '',
    agency      INTEGER NOT NULL DEFAULT 0,
    name        TEXT    NOT NULL,
    name_key    TEXT    NOT NULL, -- standing.Key(name)
    query       TEXT    NOT NULL,
    note        TEXT    NOT NULL DEFAULT '',
    is_on       INTEGER NOT NULL DEFAULT 0,
    territories TEXT    NOT NULL DEFAULT '', -- codes, a blank between them
    unplaced    INTEGER NOT NULL DEFAULT 0,
    channels    TEXT    NOT NULL DEFAULT '',
    owner       INTEGER NOT NULL DEFAULT 0,
    changed_by  INTEGER NOT NULL DEFAULT 0,
    changed_at  INTEGER NOT NULL DEFAULT 0,
    hits        INTEGER NOT NULL DEFAULT 0,
    last_hit    INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX standing_name ON standing (region, name_key);

-- What it said before. Examples are not kept: they may hold a resident's words.
CREATE TABLE standing_version (
    standing   INTEGER NOT NULL REFERENCES standing (id),
    version    INTEGER NOT NULL,
    region     TEXT    NOT NULL DEFAULT '',
    name       TEXT    NOT NULL,
    query      TEXT    NOT NULL,
    note       TEXT    NOT NULL DEFAULT '',
    is_on      INTEGER NOT NULL DEFAULT 0,
    changed_by INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (standing, version)
) WITHOUT ROWID;

-- Erasable: analysts paste what residents wrote.
CREATE TABLE standing_words (
    standing INTEGER NOT NULL REFERENCES standing (id),
    n        INTEGER NOT NULL, -- from 1
    region   TEXT    NOT NULL DEFAULT '',
    must     INTEGER NOT NULL,
    text     TEXT    NOT NULL,
    PRIMARY KEY (standing, n)
) WITHOUT ROWID;

CREATE TABLE standing_day (
    standing INTEGER NOT NULL REFERENCES standing (id),
    day      INTEGER NOT NULL, -- midnight UTC
    region   TEXT    NOT NULL DEFAULT '',
    hits     INTEGER NOT NULL,
    PRIMARY KEY (standing, day)
) WITHOUT ROWID;
