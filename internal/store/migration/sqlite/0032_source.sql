-- +goose Up

-- What the administrator keeps of a source (package source); kind '' = only its state is known.
ALTER TABLE source ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN every INTEGER NOT NULL DEFAULT 0; -- microseconds
ALTER TABLE source ADD COLUMN settings TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN key_name TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN answer_key TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN via TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN fixed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN added_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN failing_since INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX source_number ON source (number) WHERE number > 0;

-- Tokens and passwords of networks, sealed under the key of the installation.
CREATE TABLE source_key (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   INTEGER NOT NULL DEFAULT 0,
    name     TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    rights   TEXT    NOT NULL DEFAULT '',
    owner    TEXT    NOT NULL DEFAULT '',
    sealed   BLOB    NOT NULL,
    added_at INTEGER NOT NULL DEFAULT 0,
    UNIQUE (name)
);

-- What each source brought, by hours.
CREATE TABLE source_hour (
    source   TEXT    NOT NULL,
    region   TEXT    NOT NULL DEFAULT '',
    at       INTEGER NOT NULL,
    messages INTEGER NOT NULL DEFAULT 0,
    kept     INTEGER NOT NULL DEFAULT 0,
    timed    INTEGER NOT NULL DEFAULT 0,
    lag      INTEGER NOT NULL DEFAULT 0, -- microseconds, of all timed ones
    PRIMARY KEY (source, at)
) WITHOUT ROWID;
