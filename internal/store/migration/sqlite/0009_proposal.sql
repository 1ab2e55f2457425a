-- +goose Up

-- Two incidents that are likely one (incident.Proposal). The pair is stored with
-- the older one second; low and high make it one whichever is named first.
CREATE TABLE proposal (
    low        INTEGER NOT NULL REFERENCES incident (id),
    high       INTEGER NOT NULL REFERENCES incident (id),
    incident   INTEGER NOT NULL,
    into_id    INTEGER NOT NULL,
    region     TEXT    NOT NULL DEFAULT '',
    centre     TEXT    NOT NULL DEFAULT '',
    agency     INTEGER NOT NULL DEFAULT 0,
    kind       TEXT    NOT NULL,
    score      REAL    NOT NULL,
    reasons    TEXT    NOT NULL DEFAULT '', -- JSON list of phrases, no words of residents
    state      TEXT    NOT NULL,
    created_at INTEGER NOT NULL DEFAULT 0,
    decided_at INTEGER NOT NULL DEFAULT 0,
    decided_by INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (low, high)
) WITHOUT ROWID;
CREATE INDEX proposal_high ON proposal (high);

-- Incidents of any topic at a place (store.Near without a topic).
CREATE INDEX incident_place ON incident (settlement, street, opened_key) WHERE settlement <> '';
