-- +goose Up

-- What somebody asked to be read of a source's past (source.Backfill), one for a source.
CREATE TABLE source_back (
    source     TEXT    PRIMARY KEY,
    region     TEXT    NOT NULL DEFAULT '',
    since      INTEGER NOT NULL,
    state      TEXT    NOT NULL,
    position   BLOB,                      -- the connector's, where it goes on
    reached    INTEGER NOT NULL DEFAULT 0,
    messages   INTEGER NOT NULL DEFAULT 0,
    kept       INTEGER NOT NULL DEFAULT 0,
    error      TEXT    NOT NULL DEFAULT '',
    asked_by   INTEGER NOT NULL DEFAULT 0,
    asked_at   INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
