-- The Merkle tree over the audit log (RFC 6962). Insert only, all of it: what the log's rows say is bound here.

-- Each sealed row of the log is a leaf. No foreign key: that a row is gone must stay to be seen.
CREATE TABLE actions_audit_leaves (
    leaf_index INTEGER PRIMARY KEY CHECK (leaf_index >= 0),
    audit_id INTEGER NOT NULL UNIQUE,
    hash BLOB NOT NULL, -- of the leaf: SHA-256(0x00, the row as canonical JSON)
    body_hash BLOB -- SHA-256 of the body, which the leaf names; it outlives the body. NULL: there was none
) STRICT;

-- The signing keys, sealed under the root key; the newest signs.
CREATE TABLE actions_audit_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    public_key BLOB NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- The tree at the end of each batch.
CREATE TABLE actions_audit_checkpoints (
    tree_size INTEGER PRIMARY KEY CHECK (tree_size > 0),
    root_hash BLOB NOT NULL,
    frontier BLOB NOT NULL, -- the roots of its perfect subtrees, from the left: what the next batch goes on from
    note TEXT NOT NULL, -- C2SP tlog-checkpoint, signed
    created_at INTEGER NOT NULL
) STRICT;

-- Months whose bodies retention removed, each with the row of the log that tells of it.
CREATE TABLE actions_audit_prunings (
    month INTEGER PRIMARY KEY,
    audit_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER actions_audit_leaves_no_update BEFORE UPDATE ON actions_audit_leaves
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_leaves_no_delete BEFORE DELETE ON actions_audit_leaves
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_keys_no_update BEFORE UPDATE ON actions_audit_keys
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_keys_no_delete BEFORE DELETE ON actions_audit_keys
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_checkpoints_no_update BEFORE UPDATE ON actions_audit_checkpoints
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_checkpoints_no_delete BEFORE DELETE ON actions_audit_checkpoints
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_prunings_no_update BEFORE UPDATE ON actions_audit_prunings
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_prunings_no_delete BEFORE DELETE ON actions_audit_prunings
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;

-- INSERT OR REPLACE removes the row that is in its way without asking the triggers above.
CREATE TRIGGER actions_audit_log_no_replace BEFORE INSERT ON actions_audit_log
WHEN EXISTS (SELECT 1 FROM actions_audit_log WHERE id = new.id)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_bodies_no_replace BEFORE INSERT ON actions_audit_bodies
WHEN EXISTS (SELECT 1 FROM actions_audit_bodies WHERE month = new.month AND audit_id = new.audit_id)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_leaves_no_replace BEFORE INSERT ON actions_audit_leaves
WHEN EXISTS (SELECT 1 FROM actions_audit_leaves WHERE leaf_index = new.leaf_index OR audit_id = new.audit_id)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_keys_no_replace BEFORE INSERT ON actions_audit_keys
WHEN EXISTS (SELECT 1 FROM actions_audit_keys WHERE id = new.id)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_checkpoints_no_replace BEFORE INSERT ON actions_audit_checkpoints
WHEN EXISTS (SELECT 1 FROM actions_audit_checkpoints WHERE tree_size = new.tree_size)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;
CREATE TRIGGER actions_audit_prunings_no_replace BEFORE INSERT ON actions_audit_prunings
WHEN EXISTS (SELECT 1 FROM actions_audit_prunings WHERE month = new.month)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;

-- Bodies of a month that is marked may go.
DROP TRIGGER actions_audit_bodies_no_delete;
CREATE TRIGGER actions_audit_bodies_no_delete BEFORE DELETE ON actions_audit_bodies
WHEN NOT EXISTS (SELECT 1 FROM actions_audit_prunings WHERE month = old.month)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is insert only');
END;

-- A check cannot be changed: the table is made again.
CREATE TABLE actions_retention_new (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    class TEXT NOT NULL CHECK (class IN ('logs', 'runs', 'events', 'audit')),
    repository_id INTEGER REFERENCES actions_repositories (id) ON DELETE CASCADE, -- NULL: the default
    days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 36500),
    untold INTEGER NOT NULL DEFAULT 0 CHECK (untold >= 0) -- removed, but not in the audit log yet
) STRICT;
INSERT INTO actions_retention_new SELECT id, class, repository_id, days, untold FROM actions_retention;
DROP TABLE actions_retention;
ALTER TABLE actions_retention_new RENAME TO actions_retention;
CREATE UNIQUE INDEX actions_retention_default ON actions_retention (class) WHERE repository_id IS NULL;
CREATE UNIQUE INDEX actions_retention_own ON actions_retention (class, repository_id) WHERE repository_id IS NOT NULL;
CREATE INDEX actions_retention_repository ON actions_retention (repository_id) WHERE repository_id IS NOT NULL;
