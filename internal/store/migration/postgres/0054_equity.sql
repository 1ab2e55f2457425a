-- +goose Up

-- Figures by channel, and how long people waited there, read no row.
CREATE INDEX incident_by_channel ON incident (channel, mark, opened_key, answer_due, agency, topic_group, centre, region, answered_at, verified_at);
