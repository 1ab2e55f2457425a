-- +goose Up

-- The last messages that concerned nobody (message.Ring): bounded in number and
-- age, one revision of each. The payload is erased with the row.
CREATE TABLE dropped (
    id      BIGSERIAL PRIMARY KEY,
    region  TEXT    NOT NULL DEFAULT '',
    centre  TEXT    NOT NULL DEFAULT '',
    agency  BIGINT  NOT NULL DEFAULT 0,
    source  TEXT    NOT NULL,
    native  TEXT    NOT NULL,
    thread  TEXT    NOT NULL DEFAULT '',
    key     TEXT    NOT NULL, -- of the revision, as in revision
    time    BIGINT  NOT NULL DEFAULT 0, -- the network's time of that revision
    at      BIGINT  NOT NULL, -- it was seen first
    run     TEXT    NOT NULL DEFAULT '',
    due     BIGINT  NOT NULL DEFAULT 0, -- 1 = its thread became ours: it is to be taken in
    payload BYTEA NOT NULL -- JSON of a message.Message
);
CREATE UNIQUE INDEX dropped_message ON dropped (source, native);
CREATE INDEX dropped_thread ON dropped (source, thread) WHERE thread <> '';
CREATE INDEX dropped_due ON dropped (id) WHERE due = 1;
