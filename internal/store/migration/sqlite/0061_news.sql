-- +goose Up

-- Letters to applicants (package courier): up to which line of history the letter on its way tells, and when it is tried.
ALTER TABLE applicant ADD COLUMN telling INTEGER NOT NULL DEFAULT 0;
ALTER TABLE applicant ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE applicant ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX applicant_news ON applicant (next_at, id) WHERE news = 1;
