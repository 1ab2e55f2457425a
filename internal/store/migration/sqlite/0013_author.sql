-- +goose Up

-- What an author wrote before decides among places of one name.
CREATE INDEX message_author ON message (source, author) WHERE author <> '';
