-- +goose Up

-- Incidents that agencies pass on to one another: what waits for an arbiter.
CREATE TABLE dispute (
    incident   INTEGER PRIMARY KEY REFERENCES incident (id),
    region     TEXT    NOT NULL DEFAULT '',
    hops       INTEGER NOT NULL,
    state      TEXT    NOT NULL, -- waiting, decided
    since      INTEGER NOT NULL DEFAULT 0,
    decided_at INTEGER NOT NULL DEFAULT 0,
    decided_by INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX dispute_state ON dispute (state, since);

-- How an agency works: may who wrote a reply approve it; is it still there.
ALTER TABLE agency ADD COLUMN own_approval INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agency ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;

-- Drafts that wait for approval, oldest first.
CREATE INDEX reply_draft ON reply (created_at, id) WHERE state = 'draft';
