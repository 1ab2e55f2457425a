-- +goose Up

-- Communities and channels that messages link to and that nobody reads (source.Mention).
CREATE TABLE source_mention (
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   INTEGER NOT NULL DEFAULT 0,
    link     TEXT    NOT NULL,            -- «https://vk.com/abakan»
    count    INTEGER NOT NULL DEFAULT 0,
    example  TEXT    NOT NULL DEFAULT '', -- where one of the messages stands, never its words
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    never    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (region, centre, link)
) WITHOUT ROWID;
