-- From where a call came, as far as it was known; rows that are older are bound by their leaves as before.
ALTER TABLE actions_audit_log
    ADD COLUMN source_address TEXT CHECK (length(source_address) <= 255),
    ADD COLUMN user_agent TEXT CHECK (length(user_agent) <= 255),
    ADD COLUMN request_id TEXT CHECK (length(request_id) <= 255);
