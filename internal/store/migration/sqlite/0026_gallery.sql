-- +goose Up

-- What goes with a reply, and the public page where it is seen.
CREATE TABLE enclosure (
    reply      INTEGER NOT NULL REFERENCES reply (id),
    n          INTEGER NOT NULL,
    attachment INTEGER NOT NULL REFERENCES attachment (id),
    region     TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (reply, n)
);
CREATE INDEX enclosure_attachment ON enclosure (attachment);

CREATE TABLE gallery (
    secret TEXT    NOT NULL PRIMARY KEY, -- SHA-256
    reply  INTEGER NOT NULL REFERENCES reply (id),
    region TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX gallery_reply ON gallery (reply);

-- The picture by which it is known that the work was done; 0 = none.
ALTER TABLE closure ADD COLUMN photo INTEGER NOT NULL DEFAULT 0;
