-- Who asked for an attempt, where its actor does not say so: whoever started the run whose job started this one, or the
-- user who gave it another actor. They do not approve it where nobody may approve their own.
ALTER TABLE actions_run_attempts ADD COLUMN requested_by TEXT;
