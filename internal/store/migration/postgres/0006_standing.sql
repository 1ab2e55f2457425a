-- +goose Up

-- Standing queries as analysts save them (package standing).
CREATE TABLE standing (
    id          BIGSERIAL PRIMARY KEY, -- readings and counts name queries: an id is never used again
    version     BIGINT NOT NULL,
    region      TEXT    NOT NULL DEFAULT '',
    centre      TEXT    NOT NULL DEFAULT '',
    agency      BIGINT NOT NULL DEFAULT 0,
    name        TEXT    NOT NULL,
    name_key    TEXT    NOT NULL, -- standing.Key(name)
    query       TEXT    NOT NULL,
    note        TEXT    NOT NULL DEFAULT '',
    is_on       BIGINT NOT NULL DEFAULT 0,
    territories TEXT    NOT NULL DEFAULT '', -- codes, a blank between them
    unplaced    BIGINT NOT NULL DEFAULT 0,
    channels    TEXT    NOT NULL DEFAULT '',
    owner       BIGINT NOT NULL DEFAULT 0,
    changed_by  BIGINT NOT NULL DEFAULT 0,
    changed_at  BIGINT NOT NULL DEFAULT 0,
    hits        BIGINT NOT NULL DEFAULT 0,
    last_hit    BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX standing_name ON standing (region, name_key);

-- What it said before. Examples are not kept: they may hold a resident's words.
CREATE TABLE standing_version (
    standing   BIGINT NOT NULL REFERENCES standing (id),
    version    BIGINT NOT NULL,
    region     TEXT    NOT NULL DEFAULT '',
    name       TEXT    NOT NULL,
    query      TEXT    NOT NULL,
    note       TEXT    NOT NULL DEFAULT '',
    is_on      BIGINT NOT NULL DEFAULT 0,
    changed_by BIGINT NOT NULL DEFAULT 0,
    changed_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (standing, version)
);

-- Erasable: analysts paste what residents wrote.
CREATE TABLE standing_words (
    standing BIGINT NOT NULL REFERENCES standing (id),
    n        BIGINT NOT NULL, -- from 1
    region   TEXT    NOT NULL DEFAULT '',
    must     BIGINT NOT NULL,
    text     TEXT    NOT NULL,
    PRIMARY KEY (standing, n)
);

CREATE TABLE standing_day (
    standing BIGINT NOT NULL REFERENCES standing (id),
    day      BIGINT NOT NULL, -- midnight UTC
    region   TEXT    NOT NULL DEFAULT '',
    hits     BIGINT NOT NULL,
    PRIMARY KEY (standing, day)
);
