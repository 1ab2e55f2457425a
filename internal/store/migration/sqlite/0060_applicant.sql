-- +goose Up

-- Residents who told us of an incident themselves and follow it (package applicant).
CREATE TABLE applicant (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    region       TEXT    NOT NULL DEFAULT '',
    message      INTEGER NOT NULL REFERENCES message (id),
    secret       TEXT    NOT NULL, -- digest of the link's secret
    nonce        TEXT    NOT NULL,
    contact      TEXT    NOT NULL DEFAULT '', -- digest
    joined       INTEGER NOT NULL DEFAULT 0,
    news         INTEGER NOT NULL DEFAULT 0,
    consent      TEXT    NOT NULL DEFAULT '',
    judged       INTEGER NOT NULL DEFAULT 0,
    told         INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    withdrawn_at INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX applicant_message ON applicant (message);
CREATE UNIQUE INDEX applicant_secret ON applicant (secret);
CREATE INDEX applicant_contact ON applicant (contact, id) WHERE contact <> '';

-- What somebody found wrong with a result, as codes parted by blanks (applicant.Reason).
ALTER TABLE voice ADD COLUMN reasons TEXT NOT NULL DEFAULT '';
