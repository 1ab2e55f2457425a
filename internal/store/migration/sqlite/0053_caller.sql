-- +goose Up

-- Who left a telephone number with a message, or a name with a card: a caller's open
-- incidents are found by it. Erased with the words of the message.
CREATE TABLE caller (
    message INTEGER PRIMARY KEY REFERENCES message (id),
    region  TEXT NOT NULL DEFAULT '',
    phone   TEXT NOT NULL DEFAULT '', -- message.Dialled
    name    TEXT NOT NULL DEFAULT ''  -- message.CallerKey; of cards alone
);
CREATE INDEX caller_phone ON caller (phone) WHERE phone <> '';
CREATE INDEX caller_name ON caller (name) WHERE name <> '';

-- Of what is here already the numbers of Russia alone are read, and no names.
INSERT INTO caller (message, region, phone)
SELECT d.message, d.region, '+7' || substr(d.digits, length(d.digits) - 9)
FROM (SELECT w.message AS message, w.region AS region,
        replace(replace(replace(replace(replace(replace(w.contact, ' ', ''), '-', ''), '(', ''), ')', ''), '+', ''), '.', '') AS digits
      FROM message_words w JOIN message m ON m.id = w.message AND m.current = w.n WHERE w.contact <> '') d
WHERE trim(d.digits, '0123456789') = '' AND (length(d.digits) = 10 OR length(d.digits) = 11 AND substr(d.digits, 1, 1) IN ('7', '8'));
