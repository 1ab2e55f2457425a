-- +goose Up

-- That a reply began as a machine's draft: '', edited, accepted (reply.MachineEdited …).
ALTER TABLE reply ADD COLUMN machine TEXT NOT NULL DEFAULT '';
