-- +goose Up

-- Incidents that agencies pass on to one another: what waits for an arbiter.
CREATE TABLE dispute (
    incident   BIGINT NOT NULL PRIMARY KEY REFERENCES incident (id),
    region     TEXT    NOT NULL DEFAULT '',
    hops       BIGINT NOT NULL,
    state      TEXT    NOT NULL, -- waiting, decided
    since      BIGINT NOT NULL DEFAULT 0,
    decided_at BIGINT NOT NULL DEFAULT 0,
    decided_by BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX dispute_state ON dispute (state, since);

-- How an agency works: may who wrote a reply approve it; is it still there.
ALTER TABLE agency ADD COLUMN own_approval BIGINT NOT NULL DEFAULT 0;
ALTER TABLE agency ADD COLUMN disabled BIGINT NOT NULL DEFAULT 0;

-- Drafts that wait for approval, oldest first.
CREATE INDEX reply_draft ON reply (created_at, id) WHERE state = 'draft';
