-- +goose Up

-- What the administrator keeps of a source (package source); kind '' = only its state is known.
ALTER TABLE source ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN own BIGINT NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN every BIGINT NOT NULL DEFAULT 0; -- microseconds
ALTER TABLE source ADD COLUMN settings TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN key_name TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN answer_key TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN via TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN paused BIGINT NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN fixed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN added_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN failing_since BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX source_number ON source (number) WHERE number > 0;

-- Tokens and passwords of networks, sealed under the key of the installation.
CREATE TABLE source_key (
    number   BIGSERIAL PRIMARY KEY,
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   BIGINT NOT NULL DEFAULT 0,
    name     TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    rights   TEXT    NOT NULL DEFAULT '',
    owner    TEXT    NOT NULL DEFAULT '',
    sealed   BYTEA   NOT NULL,
    added_at BIGINT NOT NULL DEFAULT 0,
    UNIQUE (name)
);

-- What each source brought, by hours.
CREATE TABLE source_hour (
    source   TEXT    NOT NULL,
    region   TEXT    NOT NULL DEFAULT '',
    at       BIGINT NOT NULL,
    messages BIGINT NOT NULL DEFAULT 0,
    kept     BIGINT NOT NULL DEFAULT 0,
    timed    BIGINT NOT NULL DEFAULT 0,
    lag      BIGINT NOT NULL DEFAULT 0, -- microseconds, of all timed ones
    PRIMARY KEY (source, at)
);
