-- Secrets as sealed records, the keys that open them, and variables. design: ARCHITECTURE.md, "Secrets".

-- One row: what belongs to this installation.
CREATE TABLE actions_installation (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    installation_id TEXT NOT NULL CHECK (length(installation_id) = 32),
    key_salt BLOB CHECK (length(key_salt) = 16), -- of a passphrase
    key_check BLOB, -- tells a wrong root key before anything is written
    created_at INTEGER NOT NULL
) STRICT;

-- Key encryption keys, wrapped by the root key.
CREATE TABLE actions_encryption_keys (
    term INTEGER PRIMARY KEY CHECK (term BETWEEN 1 AND 4294967295),
    wrapped BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('readable', 'active', 'retired')),
    wraps INTEGER NOT NULL DEFAULT 0 CHECK (wraps >= 0),
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    retired_at INTEGER
) STRICT;
CREATE UNIQUE INDEX actions_encryption_keys_active ON actions_encryption_keys (state) WHERE state = 'active';

CREATE TABLE actions_secrets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER REFERENCES actions_repositories (id) ON DELETE CASCADE,
    organization_id INTEGER,
    environment TEXT NOT NULL DEFAULT '', -- folded; '': not of an environment
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255 AND name = upper(name)),
    visibility TEXT NOT NULL DEFAULT 'private' CHECK (visibility IN ('all', 'private', 'selected')),
    current_version INTEGER NOT NULL DEFAULT 1 CHECK (current_version >= 1),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((repository_id IS NULL) <> (organization_id IS NULL)),
    CHECK (environment = '' OR repository_id IS NOT NULL),
    CHECK (created_at <= updated_at)
) STRICT;
CREATE UNIQUE INDEX actions_secrets_repository ON actions_secrets (repository_id, environment, name)
    WHERE repository_id IS NOT NULL;
CREATE UNIQUE INDEX actions_secrets_organization ON actions_secrets (organization_id, name)
    WHERE organization_id IS NOT NULL;

CREATE TABLE actions_secret_versions (
    secret_id INTEGER NOT NULL REFERENCES actions_secrets (id) ON DELETE CASCADE,
    version INTEGER NOT NULL CHECK (version >= 1),
    key_term INTEGER NOT NULL REFERENCES actions_encryption_keys (term),
    record BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (secret_id, version)
) STRICT;
CREATE INDEX actions_secret_versions_term ON actions_secret_versions (key_term);

-- Repositories that may use an organization's secret of visibility 'selected'.
CREATE TABLE actions_secret_grants (
    secret_id INTEGER NOT NULL REFERENCES actions_secrets (id) ON DELETE CASCADE,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (secret_id, repository_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX actions_secret_grants_repository ON actions_secret_grants (repository_id);

CREATE TABLE actions_variables (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER REFERENCES actions_repositories (id) ON DELETE CASCADE,
    organization_id INTEGER,
    environment TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255 AND name = upper(name)),
    value TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((repository_id IS NULL) <> (organization_id IS NULL)),
    CHECK (environment = '' OR repository_id IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX actions_variables_repository ON actions_variables (repository_id, environment, name)
    WHERE repository_id IS NOT NULL;
CREATE UNIQUE INDEX actions_variables_organization ON actions_variables (organization_id, name)
    WHERE organization_id IS NOT NULL;
