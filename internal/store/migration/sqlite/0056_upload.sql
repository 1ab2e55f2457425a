-- +goose Up

-- Files that residents send before their report is filed (package upload), and those that a
-- report took and that are not drawn anew yet. The whole row is erasable.
CREATE TABLE upload (
    seal       TEXT    NOT NULL PRIMARY KEY, -- SHA-256 of the token
    region     TEXT    NOT NULL DEFAULT '',
    size       INTEGER  NOT NULL,
    title      TEXT    NOT NULL DEFAULT '',
    kind       TEXT    NOT NULL DEFAULT '', -- by the bytes; '' until all of them came
    scanned    INTEGER  NOT NULL DEFAULT 0,
    attachment INTEGER  NOT NULL DEFAULT 0,  -- that took it
    at         INTEGER  NOT NULL,
    taken_at   INTEGER  NOT NULL DEFAULT 0,
    lat        REAL NOT NULL DEFAULT 0,
    lon        REAL NOT NULL DEFAULT 0
);
CREATE INDEX upload_taken ON upload (attachment) WHERE attachment <> 0;
CREATE INDEX upload_free ON upload (at) WHERE attachment = 0;
