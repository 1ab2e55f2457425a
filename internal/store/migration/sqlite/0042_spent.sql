-- +goose Up

-- What tokens have spent of a network's day, by quarters of an hour (source.Spent).
CREATE TABLE source_spent (
    token   TEXT    NOT NULL, -- a digest
    method  TEXT    NOT NULL,
    quarter INTEGER  NOT NULL, -- number since 1970
    calls   INTEGER  NOT NULL, -- made, or allowed to be
    PRIMARY KEY (token, method, quarter)
) WITHOUT ROWID;
