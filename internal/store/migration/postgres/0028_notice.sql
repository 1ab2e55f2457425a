-- +goose Up

-- What the desk tells its own people (package notice): ids and codes.
CREATE TABLE notice (
    id       BIGSERIAL PRIMARY KEY,
    region   TEXT    NOT NULL DEFAULT '',
    account  BIGINT NOT NULL,
    kind     TEXT    NOT NULL,
    what     TEXT    NOT NULL DEFAULT '',
    cause    TEXT    NOT NULL, -- «entry:42»: once for each person
    incident BIGINT NOT NULL DEFAULT 0,
    step     TEXT    NOT NULL DEFAULT '',
    due      BIGINT NOT NULL DEFAULT 0,
    subject  BIGINT NOT NULL DEFAULT 0,
    at       BIGINT NOT NULL DEFAULT 0,
    seen_at  BIGINT NOT NULL DEFAULT 0,
    routed   BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX notice_cause ON notice (account, cause);
CREATE INDEX notice_unseen ON notice (account) WHERE seen_at = 0;
CREATE INDEX notice_routed ON notice (id) WHERE routed = 0;
CREATE INDEX notice_at ON notice (at);
CREATE INDEX notice_about ON notice (account, incident) WHERE seen_at = 0;

-- What of them leaves the product.
CREATE TABLE notice_delivery (
    id          BIGSERIAL PRIMARY KEY,
    region      TEXT    NOT NULL DEFAULT '',
    notice      BIGINT NOT NULL REFERENCES notice (id),
    account     BIGINT NOT NULL,
    channel     TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    batch       BIGINT NOT NULL DEFAULT 0,
    tries       BIGINT NOT NULL DEFAULT 0,
    next_at     BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    error       TEXT    NOT NULL DEFAULT '',
    sent_at     BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX notice_delivery_once ON notice_delivery (notice, channel);
CREATE INDEX notice_delivery_due ON notice_delivery (next_at, account, channel) WHERE state = 'waiting';
CREATE INDEX notice_delivery_under_way ON notice_delivery (lease_until, account, channel) WHERE state = 'sending';

-- Where people are reached; the address is personal.
CREATE TABLE notice_address (
    id         BIGSERIAL PRIMARY KEY,
    region     TEXT    NOT NULL DEFAULT '',
    account    BIGINT NOT NULL,
    channel    TEXT    NOT NULL,
    target     TEXT    NOT NULL DEFAULT '',
    label      TEXT    NOT NULL DEFAULT '',
    state      TEXT    NOT NULL,
    code       TEXT    NOT NULL DEFAULT '', -- SHA-256 of the one-time code
    code_until BIGINT NOT NULL DEFAULT 0,
    tries      BIGINT NOT NULL DEFAULT 0,
    why        TEXT    NOT NULL DEFAULT '',
    at         BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX notice_address_account ON notice_address (account, id);
CREATE INDEX notice_address_code ON notice_address (channel, code) WHERE code <> '';
CREATE INDEX notice_address_target ON notice_address (channel, target);

-- What people chose.
CREATE TABLE notice_choice (
    account  BIGINT PRIMARY KEY,
    region   TEXT    NOT NULL DEFAULT '',
    choice   TEXT    NOT NULL, -- JSON
    digest   TEXT    NOT NULL DEFAULT '',
    digested BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX notice_choice_digest ON notice_choice (digested) WHERE digest <> '';

-- Who is to be told is asked in the transaction of many events.
CREATE INDEX account_role ON account (region, role, agency);

-- Mentions that were not seen become notices.
INSERT INTO notice (region, account, kind, cause, incident, subject, at, routed)
SELECT region, account, 'mention', 'note:' || note, incident, note, at, 1 FROM mention WHERE seen_at = 0;
