-- +goose Up

-- What somebody asked to be read of a source's past (source.Backfill), one for a source.
CREATE TABLE source_back (
    source     TEXT    PRIMARY KEY,
    region     TEXT    NOT NULL DEFAULT '',
    since      BIGINT NOT NULL,
    state      TEXT    NOT NULL,
    position   BYTEA,                      -- the connector's, where it goes on
    reached    BIGINT NOT NULL DEFAULT 0,
    messages   BIGINT NOT NULL DEFAULT 0,
    kept       BIGINT NOT NULL DEFAULT 0,
    error      TEXT    NOT NULL DEFAULT '',
    asked_by   BIGINT NOT NULL DEFAULT 0,
    asked_at   BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL DEFAULT 0
);
