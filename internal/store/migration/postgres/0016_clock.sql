-- +goose Up

-- The clock of an incident (incident.Clock): its regime, the step that is due next, when, and
-- when somebody is to be told. due_key is due_at, or a number past all times where
-- nothing is due, so that the queue is read in this order.
ALTER TABLE incident ADD COLUMN regime      TEXT    NOT NULL DEFAULT '';
ALTER TABLE incident ADD COLUMN regime_hand INTEGER NOT NULL DEFAULT 0; -- a person chose it
ALTER TABLE incident ADD COLUMN due_step    TEXT    NOT NULL DEFAULT '';
ALTER TABLE incident ADD COLUMN due_state   TEXT    NOT NULL DEFAULT ''; -- running, paused, or nothing is due
ALTER TABLE incident ADD COLUMN due_key     BIGINT NOT NULL DEFAULT 4611686018427387904;
ALTER TABLE incident ADD COLUMN alarm_at    BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incident ADD COLUMN rung        INTEGER NOT NULL DEFAULT 0; -- how high the ladder was climbed for the step

CREATE INDEX incident_due ON incident (due_key, opened_key, region, centre, agency, state, is_open, calm, channel, claimed_by, missing, updated_at) WHERE is_open = 1;
CREATE INDEX incident_alarm ON incident (alarm_at, calm, due_key, id) WHERE alarm_at > 0;
