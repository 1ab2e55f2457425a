-- +goose Up

-- Sign-in of programs: who holds the token acts as its owner until it expires or
-- is deleted.
CREATE TABLE token (
    id         INTEGER PRIMARY KEY,
    owner      INTEGER NOT NULL,
    region     TEXT    NOT NULL DEFAULT '',
    name       TEXT    NOT NULL,
    hash       TEXT    NOT NULL, -- SHA-256 of the token
    created_at INTEGER NOT NULL,
    expires    INTEGER NOT NULL
);
CREATE UNIQUE INDEX token_hash ON token (hash);
CREATE INDEX token_owner ON token (owner);
