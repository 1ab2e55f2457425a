-- +goose Up

-- Texts that replies begin with (package template): the region's, or an agency's own.
CREATE TABLE reply_template (
    id      BIGSERIAL PRIMARY KEY,
    region  TEXT    NOT NULL DEFAULT '',
    centre  TEXT    NOT NULL DEFAULT '',
    agency  BIGINT NOT NULL DEFAULT 0,
    code    TEXT    NOT NULL DEFAULT '', -- of one that the program brought
    version BIGINT NOT NULL             -- the one in force
);
CREATE UNIQUE INDEX reply_template_code ON reply_template (region, code) WHERE code <> '';
CREATE INDEX reply_template_agency ON reply_template (agency);

CREATE TABLE reply_template_version (
    template    BIGINT NOT NULL REFERENCES reply_template (id),
    n           BIGINT NOT NULL,
    region      TEXT    NOT NULL DEFAULT '',
    name        TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    topic       TEXT    NOT NULL DEFAULT '',
    topic_group TEXT    NOT NULL DEFAULT '',
    text        TEXT    NOT NULL, -- official words
    retired     BIGINT NOT NULL DEFAULT 0,
    made_by     BIGINT NOT NULL DEFAULT 0,
    at          BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (template, n)
);

-- Which one a reply began with.
ALTER TABLE reply ADD COLUMN template BIGINT NOT NULL DEFAULT 0;
ALTER TABLE reply ADD COLUMN template_version BIGINT NOT NULL DEFAULT 0;
CREATE INDEX reply_began ON reply (template) WHERE template <> 0;
