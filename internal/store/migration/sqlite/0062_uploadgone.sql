-- +goose Up

-- Bytes that residents sent and that were erased before they were drawn anew: their rows are
-- gone, and the bytes go right after (package upload).
CREATE TABLE upload_gone (
    seal TEXT PRIMARY KEY
);
