-- +goose Up

-- What the other system said of the case so far (message.Past.Digest), the latest first: what
-- it says again is no news, in whatever order its exports come.
ALTER TABLE past ADD COLUMN said TEXT NOT NULL DEFAULT '';
CREATE INDEX past_case ON past (key);
