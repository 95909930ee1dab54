-- Who may do what: a user's role on a repository, on all of an organization, or (neither) on everything. While there is no
-- row nobody is asked. The first row is an administrator of everything, and the last of these goes last: both are rules of
-- the service, as no single row can say them.
CREATE TABLE actions_role_grants (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    principal_kind TEXT NOT NULL CHECK (principal_kind = 'user'),
    principal TEXT NOT NULL CHECK (principal <> ''),
    principal_folded TEXT NOT NULL CHECK (principal_folded <> ''), -- logins are compared without regard to case
    role TEXT NOT NULL CHECK (role IN ('read', 'triage', 'write', 'maintain', 'admin')),
    repository_id INTEGER REFERENCES actions_repositories (id) ON DELETE CASCADE,
    organization_id INTEGER,
    granted_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK (repository_id IS NULL OR organization_id IS NULL)
) STRICT;
CREATE UNIQUE INDEX actions_role_grants_global ON actions_role_grants (principal_kind, principal_folded)
    WHERE repository_id IS NULL AND organization_id IS NULL;
CREATE UNIQUE INDEX actions_role_grants_organization
    ON actions_role_grants (principal_kind, principal_folded, organization_id) WHERE organization_id IS NOT NULL;
CREATE UNIQUE INDEX actions_role_grants_repository
    ON actions_role_grants (repository_id, principal_kind, principal_folded) WHERE repository_id IS NOT NULL;
-- What each check reads: all roles of a user.
CREATE INDEX actions_role_grants_principal ON actions_role_grants (principal_folded);

-- The token of the job that the lease is of: its digest, and what it may do. It ends with the lease.
ALTER TABLE actions_leases ADD COLUMN token_sha256 TEXT CHECK (length(token_sha256) = 64);
ALTER TABLE actions_leases ADD COLUMN token_permissions TEXT
    CHECK ((token_permissions IS NULL) = (token_sha256 IS NULL));
CREATE UNIQUE INDEX actions_leases_token ON actions_leases (token_sha256) WHERE token_sha256 IS NOT NULL;

-- Which token acted, of a job; rows that have none are bound by their leaves as before.
ALTER TABLE actions_audit_log ADD COLUMN token_id TEXT;
