-- +goose Up

-- When the first reply of a fan-out stood: from then on what it promises is promised.
ALTER TABLE fanout ADD COLUMN stood_at INTEGER NOT NULL DEFAULT 0;

-- The clock of the answer, kept when it is met: "answered in time" is counted from it.
-- answer_due is 0 while it waits and where it was never counted. mark is incident.Mark.
ALTER TABLE incident ADD COLUMN answer_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incident ADD COLUMN answer_at  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incident ADD COLUMN mark       INTEGER NOT NULL DEFAULT 2;
UPDATE incident SET mark = 0 WHERE outcome = 'duplicate';
UPDATE incident SET mark = 1 WHERE outcome = 'refused';

-- The board of results counts ranges of these, and reads no row: of a split, of a mark,
-- opened in a time.
CREATE INDEX incident_by_agency ON incident (agency, mark, opened_key, answer_due, topic_group, centre, region);
CREATE INDEX incident_by_group ON incident (topic_group, mark, opened_key, answer_due, agency, centre, region);
CREATE INDEX incident_by_centre ON incident (centre, mark, opened_key, answer_due, agency, topic_group, region);
