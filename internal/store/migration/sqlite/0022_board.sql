-- +goose Up

-- The control board counts open incidents by agency (store.Board): in this order, without
-- a sort and without touching a row; and the few that wait, stand or were raised apart.
CREATE INDEX incident_board ON incident (region, agency, due_key, centre) WHERE is_open = 1;
CREATE INDEX incident_watched ON incident (region, agency, state, due_state, rung, due_key, centre)
    WHERE is_open = 1 AND (state IN ('approval', 'rework') OR due_state = 'paused' OR rung >= 3);
