-- Who may use which runners: those of a group take jobs of the repositories, and where it is restricted of the workflows,
-- that the group names. Without an organization a group is the installation's.
CREATE TABLE actions_runner_groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER,
    name TEXT NOT NULL CHECK (name <> ''),
    name_folded TEXT NOT NULL,
    visibility TEXT NOT NULL CHECK (visibility IN ('all', 'selected', 'private')),
    allows_public_repositories INTEGER NOT NULL DEFAULT 0 CHECK (allows_public_repositories IN (0, 1)),
    restricted_to_workflows INTEGER NOT NULL DEFAULT 0 CHECK (restricted_to_workflows IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX actions_runner_groups_global ON actions_runner_groups (name_folded) WHERE organization_id IS NULL;
CREATE UNIQUE INDEX actions_runner_groups_own ON actions_runner_groups (organization_id, name_folded)
    WHERE organization_id IS NOT NULL;

CREATE TABLE actions_runner_group_repositories (
    group_id INTEGER NOT NULL REFERENCES actions_runner_groups (id) ON DELETE CASCADE,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, repository_id)
) STRICT;
CREATE INDEX actions_runner_group_repositories_repository ON actions_runner_group_repositories (repository_id);

-- OWNER/NAME, the file's path in it, and a branch, a tag or a commit.
CREATE TABLE actions_runner_group_workflows (
    group_id INTEGER NOT NULL REFERENCES actions_runner_groups (id) ON DELETE CASCADE,
    repository TEXT NOT NULL,
    path TEXT NOT NULL,
    ref TEXT NOT NULL,
    PRIMARY KEY (group_id, repository, path, ref)
) STRICT;

ALTER TABLE actions_runners ADD COLUMN runner_group_id INTEGER REFERENCES actions_runner_groups (id) ON DELETE SET NULL;
CREATE INDEX actions_runners_group ON actions_runners (runner_group_id) WHERE runner_group_id IS NOT NULL;
ALTER TABLE actions_registration_tokens ADD COLUMN runner_group_id INTEGER REFERENCES actions_runner_groups (id) ON DELETE CASCADE;
CREATE INDEX actions_registration_tokens_group ON actions_registration_tokens (runner_group_id)
    WHERE runner_group_id IS NOT NULL;

-- Whoever shows the text of a just-in-time configuration may start its runner, once; only its digest is kept.
CREATE TABLE actions_jit_configs (
    runner_id INTEGER PRIMARY KEY REFERENCES actions_runners (id) ON DELETE CASCADE,
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    CHECK (created_at <= expires_at)
) STRICT;

-- Queued jobs that are not to start before: they stand here instead of in the queue until they are due.
CREATE TABLE actions_delayed_jobs (
    execution_id INTEGER PRIMARY KEY REFERENCES actions_job_executions (id) ON DELETE CASCADE,
    not_before INTEGER NOT NULL
) STRICT;
CREATE INDEX actions_delayed_jobs_due ON actions_delayed_jobs (not_before);
