-- +goose Up

-- Communities and channels that messages link to and that nobody reads (source.Mention).
CREATE TABLE source_mention (
    region   TEXT    NOT NULL DEFAULT '',
    centre   TEXT    NOT NULL DEFAULT '',
    agency   BIGINT NOT NULL DEFAULT 0,
    link     TEXT    NOT NULL,            -- «https://vk.com/abakan»
    count    BIGINT NOT NULL DEFAULT 0,
    example  TEXT    NOT NULL DEFAULT '', -- where one of the messages stands, never its words
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    never    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (region, centre, link)
);
