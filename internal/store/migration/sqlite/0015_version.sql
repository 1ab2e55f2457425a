-- +goose Up

-- A version of a standing query is the whole of it: what it said, where it
-- listened, what it was tried on. Of older versions nobody knows the last two.
ALTER TABLE standing_version ADD COLUMN territories TEXT NOT NULL DEFAULT '';
ALTER TABLE standing_version ADD COLUMN unplaced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE standing_version ADD COLUMN channels TEXT NOT NULL DEFAULT '';
ALTER TABLE standing_version ADD COLUMN knows_where INTEGER NOT NULL DEFAULT 0; -- territories, unplaced and channels are what they were
ALTER TABLE standing_version ADD COLUMN knows_words INTEGER NOT NULL DEFAULT 0; -- the examples are what they were

-- Erasable apart from the version, as standing_words is.
CREATE TABLE standing_version_words (
    standing INTEGER NOT NULL REFERENCES standing (id),
    version  INTEGER NOT NULL,
    n        INTEGER NOT NULL, -- from 1
    region   TEXT    NOT NULL DEFAULT '',
    must     INTEGER NOT NULL,
    text     TEXT    NOT NULL,
    PRIMARY KEY (standing, version, n)
) WITHOUT ROWID;

-- What is stored now is the version of now.
UPDATE standing_version SET knows_where = 1, knows_words = 1,
    territories = (SELECT q.territories FROM standing q WHERE q.id = standing_version.standing),
    unplaced = (SELECT q.unplaced FROM standing q WHERE q.id = standing_version.standing),
    channels = (SELECT q.channels FROM standing q WHERE q.id = standing_version.standing)
    WHERE version = (SELECT q.version FROM standing q WHERE q.id = standing_version.standing);
INSERT INTO standing_version_words (standing, version, n, region, must, text)
    SELECT w.standing, q.version, w.n, w.region, w.must, w.text FROM standing_words w JOIN standing q ON q.id = w.standing;

-- Centres name their queries without knowing of each other's.
DROP INDEX standing_name;
CREATE UNIQUE INDEX standing_name ON standing (region, centre, name_key);

-- What waits for a decision, for the queue and the API.
CREATE INDEX proposal_waiting ON proposal (kind, created_at) WHERE state = 'waiting';
