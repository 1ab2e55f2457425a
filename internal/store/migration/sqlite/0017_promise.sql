-- +goose Up

-- What the lint found in the words of a reply, without them.
ALTER TABLE reply ADD COLUMN lint_score INTEGER NOT NULL DEFAULT -1; -- -1: not read
ALTER TABLE reply ADD COLUMN lint_doubt INTEGER NOT NULL DEFAULT 0;  -- a likely runaround
ALTER TABLE reply ADD COLUMN lint_rules TEXT NOT NULL DEFAULT '';
ALTER TABLE reply_words ADD COLUMN override_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX reply_doubt ON reply (incident) WHERE lint_doubt = 1;
CREATE INDEX reply_agency ON reply (agency, published_at);

-- From which score down a draft needs a reason: 0 is the product's own bar, -1 asks never.
ALTER TABLE agency ADD COLUMN lint_bar INTEGER NOT NULL DEFAULT 0;

-- Days that replies promise something by. Words are offsets into the reply.
CREATE TABLE promise (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    incident       INTEGER NOT NULL REFERENCES incident (id),
    reply          INTEGER NOT NULL,
    region         TEXT    NOT NULL DEFAULT '',
    centre         TEXT    NOT NULL DEFAULT '',
    agency         INTEGER NOT NULL DEFAULT 0,
    span_start     INTEGER NOT NULL,
    span_end       INTEGER NOT NULL,
    sentence_start INTEGER NOT NULL,
    sentence_end   INTEGER NOT NULL,
    from_at        INTEGER NOT NULL DEFAULT 0,
    until_at       INTEGER NOT NULL DEFAULT 0, -- 0: vague
    vague          INTEGER NOT NULL DEFAULT 0,
    why            TEXT    NOT NULL DEFAULT '',
    state          TEXT    NOT NULL, -- open, kept, broken, moved, dropped
    before_id      INTEGER NOT NULL DEFAULT 0, -- the one that was moved here
    moved_to       INTEGER NOT NULL DEFAULT 0, -- id of the one it was moved to
    reason         TEXT    NOT NULL DEFAULT '',
    settled_by     INTEGER NOT NULL DEFAULT 0,
    made_at        INTEGER NOT NULL,
    settled_at     INTEGER NOT NULL DEFAULT 0,
    remind_at      INTEGER NOT NULL DEFAULT 0,
    reminded       INTEGER NOT NULL DEFAULT 0,
    checked        INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX promise_incident ON promise (incident);
CREATE INDEX promise_day ON promise (region, until_at);
CREATE INDEX promise_remind ON promise (remind_at) WHERE state = 'open' AND vague = 0 AND reminded = 0;
CREATE INDEX promise_check ON promise (until_at) WHERE state = 'open' AND vague = 0 AND checked = 0;
