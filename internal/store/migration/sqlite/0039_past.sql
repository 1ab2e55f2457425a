-- +goose Up

-- What another system knew of an incident that came from a table (message.Past): official words.
CREATE TABLE past (
    incident INTEGER PRIMARY KEY,
    region   TEXT    NOT NULL DEFAULT '',
    key      TEXT    NOT NULL,
    number   TEXT    NOT NULL DEFAULT '',
    status   TEXT    NOT NULL DEFAULT '',
    topic    TEXT    NOT NULL DEFAULT '',
    agency   TEXT    NOT NULL DEFAULT '' -- as it was called there
);
CREATE INDEX past_key ON past (region, key);
