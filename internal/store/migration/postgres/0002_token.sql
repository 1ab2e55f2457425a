-- +goose Up

-- Sign-in of programs: who holds the token acts as its owner until it expires or
-- is deleted.
CREATE TABLE token (
    id         BIGSERIAL PRIMARY KEY,
    owner      BIGINT NOT NULL,
    region     TEXT    NOT NULL DEFAULT '',
    name       TEXT    NOT NULL,
    hash       TEXT    NOT NULL, -- SHA-256 of the token
    created_at BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE UNIQUE INDEX token_hash ON token (hash);
CREATE INDEX token_owner ON token (owner);
