-- +goose Up

-- Whom to ring when somebody is in danger, by municipality (package call): services, no people.
CREATE TABLE contact (
    region TEXT    NOT NULL DEFAULT '',
    centre TEXT    NOT NULL DEFAULT '', -- OKTMO; '' = the whole region
    turn   BIGINT NOT NULL DEFAULT 0,
    name   TEXT    NOT NULL,
    phone  TEXT    NOT NULL,
    danger TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (region, centre, turn)
);
