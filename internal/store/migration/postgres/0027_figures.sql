-- +goose Up

-- When the first reply of a fan-out stood: from then on what it promises is promised.
ALTER TABLE fanout ADD COLUMN stood_at BIGINT NOT NULL DEFAULT 0;

-- The clock of the answer, kept when it is met: "answered in time" is counted from it.
-- answer_due is 0 while it waits and where it was never counted.
ALTER TABLE incident ADD COLUMN answer_due BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incident ADD COLUMN answer_at  BIGINT NOT NULL DEFAULT 0;

-- All that the board of results asks, so that no row is read.
CREATE INDEX incident_figures ON incident (opened_key, agency, topic_group, centre, answer_at, answer_due, verified_at, outcome, state, region);
