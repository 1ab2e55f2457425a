-- +goose Up

-- A secret before the one in force, of systems that push to us: both are taken until was_until.
ALTER TABLE source_key ADD COLUMN was BYTEA;
ALTER TABLE source_key ADD COLUMN was_until BIGINT NOT NULL DEFAULT 0;
