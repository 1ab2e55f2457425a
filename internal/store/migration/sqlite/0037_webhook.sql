-- +goose Up

-- Programs outside that are called when something happens (package webhook). region, centre
-- and agency say what it is told of, and who sees it.
CREATE TABLE webhook (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    region        TEXT    NOT NULL DEFAULT '',
    centre        TEXT    NOT NULL DEFAULT '',
    agency        INTEGER NOT NULL DEFAULT 0,
    version       INTEGER NOT NULL DEFAULT 1,
    name          TEXT    NOT NULL,
    url           TEXT    NOT NULL,
    events        TEXT    NOT NULL, -- « incident.opened reply.publish »
    source        TEXT    NOT NULL DEFAULT '',
    personal      INTEGER NOT NULL DEFAULT 0,
    state         TEXT    NOT NULL,
    why           TEXT    NOT NULL DEFAULT '',
    failing_since INTEGER NOT NULL DEFAULT 0,
    last_at       INTEGER NOT NULL DEFAULT 0,
    tag           TEXT    NOT NULL,
    sealed        BLOB NOT NULL,
    was           BLOB,
    was_until     INTEGER NOT NULL DEFAULT 0,
    added_at      INTEGER NOT NULL DEFAULT 0
);

-- Calls that are owed to them: ids, never words.
CREATE TABLE webhook_delivery (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    region      TEXT    NOT NULL DEFAULT '',
    webhook     INTEGER NOT NULL REFERENCES webhook (id),
    event       TEXT    NOT NULL,
    incident    INTEGER NOT NULL DEFAULT 0,
    entry       INTEGER NOT NULL DEFAULT 0,
    job_key     TEXT    NOT NULL DEFAULT '',
    reply       INTEGER NOT NULL DEFAULT 0,
    due         INTEGER NOT NULL DEFAULT 0,
    at          INTEGER NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'waiting',
    tries       INTEGER NOT NULL DEFAULT 0,
    next_at     INTEGER NOT NULL DEFAULT 0,
    sent_at     INTEGER NOT NULL DEFAULT 0,
    status      INTEGER NOT NULL DEFAULT 0,
    error       TEXT    NOT NULL DEFAULT '',
    took        INTEGER NOT NULL DEFAULT 0, -- microseconds
    answered_at INTEGER NOT NULL DEFAULT 0,
    native      TEXT    NOT NULL DEFAULT '',
    answer_url  TEXT    NOT NULL DEFAULT '',
    refusal     TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook, incident, id) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook, id);
CREATE INDEX webhook_delivery_settled ON webhook_delivery (at) WHERE state <> 'waiting';
CREATE INDEX webhook_delivery_overdue ON webhook_delivery (webhook, incident, due) WHERE due > 0;
CREATE INDEX webhook_delivery_reply ON webhook_delivery (reply) WHERE reply > 0;
CREATE UNIQUE INDEX webhook_delivery_key ON webhook_delivery (job_key) WHERE job_key <> '';
