-- +goose Up

-- JSON list of the words of earlier tries that may stand in the thread although
-- the reply failed. Erasable with the row.
ALTER TABLE reply_words ADD COLUMN tried TEXT NOT NULL DEFAULT '';
