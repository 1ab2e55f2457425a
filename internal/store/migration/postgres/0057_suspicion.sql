-- +goose Up

-- What residents sent and what looks like spam (package shield): codes only. A person settles it.
CREATE TABLE suspicion (
    message    BIGINT NOT NULL PRIMARY KEY,
    region     TEXT    NOT NULL DEFAULT '',
    reasons    TEXT    NOT NULL DEFAULT '', -- codes, parted by blanks
    at         BIGINT NOT NULL,
    settled_at BIGINT NOT NULL DEFAULT 0,
    settled_by BIGINT NOT NULL DEFAULT 0,
    spam       BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX suspicion_open ON suspicion (message) WHERE settled_at = 0;
