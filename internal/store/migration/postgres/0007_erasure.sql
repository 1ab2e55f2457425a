-- +goose Up

-- The ledger of erasures: whose words were taken away, by the ids of the network.
-- A message that is named here is taken in no more. It is kept beside the database
-- as well (docs/store.md): a restored backup forgets it.
CREATE TABLE erasure (
    source TEXT    NOT NULL,
    native TEXT    NOT NULL,
    region TEXT    NOT NULL DEFAULT '',
    centre TEXT    NOT NULL DEFAULT '',
    agency BIGINT NOT NULL DEFAULT 0,
    at     BIGINT NOT NULL,
    who    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (source, native)
);
ALTER TABLE message ADD COLUMN erased_at BIGINT NOT NULL DEFAULT 0;
