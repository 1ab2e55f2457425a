-- +goose Up

-- A secret before the one in force, of systems that push to us: both are taken until was_until.
ALTER TABLE source_key ADD COLUMN was BLOB;
ALTER TABLE source_key ADD COLUMN was_until INTEGER NOT NULL DEFAULT 0;
