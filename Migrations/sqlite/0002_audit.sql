-- Who did what: a row in the transaction of each change. Insert only.

CREATE TABLE actions_audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at INTEGER NOT NULL,
    action TEXT NOT NULL, -- workflow.create, run.cancel, …
    operation TEXT NOT NULL CHECK (operation IN ('create', 'read', 'update', 'delete')),
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('user', 'runner', 'job', 'system')),
    actor TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    repository_id INTEGER, -- no foreign key: the row outlives what it speaks of
    organization_id INTEGER,
    outcome TEXT NOT NULL DEFAULT 'success' CHECK (outcome IN ('success', 'denied', 'failure')),
    month INTEGER NOT NULL -- YYYYMM, where its body is
) STRICT;
CREATE INDEX actions_audit_log_repository ON actions_audit_log (repository_id, id DESC);
CREATE INDEX actions_audit_log_object ON actions_audit_log (object_kind, object_id, id DESC);

-- What it changed, in canonical JSON.
CREATE TABLE actions_audit_bodies (
    month INTEGER NOT NULL,
    audit_id INTEGER NOT NULL REFERENCES actions_audit_log (id),
    body TEXT NOT NULL,
    PRIMARY KEY (month, audit_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX actions_audit_bodies_audit ON actions_audit_bodies (audit_id);

CREATE TRIGGER actions_audit_log_no_update BEFORE UPDATE ON actions_audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_log_no_delete BEFORE DELETE ON actions_audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_bodies_no_update BEFORE UPDATE ON actions_audit_bodies
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_bodies_no_delete BEFORE DELETE ON actions_audit_bodies
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
