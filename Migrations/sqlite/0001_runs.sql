-- What a run needs, from the event to its last log line. Times are INTEGER microseconds since the epoch, UTC, from
-- plue_now(). States are text; every rule of a state is a CHECK. ARCHITECTURE.md draws entities and states.

CREATE TABLE actions_repositories (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    location TEXT NOT NULL UNIQUE, -- the top folder of a local repository; OWNER/NAME of a hosted one
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    default_branch TEXT NOT NULL DEFAULT 'main',
    visibility TEXT NOT NULL DEFAULT 'private' CHECK (visibility IN ('public', 'internal', 'private')),
    fork_of INTEGER REFERENCES actions_repositories (id) ON DELETE SET NULL,
    organization_id INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX actions_repositories_fork ON actions_repositories (fork_of) WHERE fork_of IS NOT NULL;

CREATE TABLE actions_workflows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    organization_id INTEGER,
    filename TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'active'
        CHECK (state IN ('active', 'disabled_manually', 'disabled_inactivity', 'deleted')),
    state_reason TEXT,
    state_actor TEXT,
    next_run_number INTEGER NOT NULL DEFAULT 1 CHECK (next_run_number >= 1),
    -- the content that was stored last
    current_version_id INTEGER REFERENCES actions_workflow_versions (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (repository_id, filename)
) STRICT;
CREATE INDEX actions_workflows_version ON actions_workflows (current_version_id);
CREATE INDEX actions_workflows_repository_state ON actions_workflows (repository_id, state);

CREATE TABLE actions_workflow_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workflow_id INTEGER NOT NULL REFERENCES actions_workflows (id) ON DELETE CASCADE,
    content_sha256 TEXT NOT NULL CHECK (length(content_sha256) = 64),
    yaml_content TEXT NOT NULL,
    diagnostics TEXT NOT NULL DEFAULT '[]',
    created_at INTEGER NOT NULL,
    UNIQUE (workflow_id, content_sha256)
) STRICT;

CREATE TABLE actions_triggers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version_id INTEGER NOT NULL REFERENCES actions_workflow_versions (id) ON DELETE CASCADE,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    filters TEXT NOT NULL DEFAULT '{}' -- types, branches, tags, paths and their -ignore forms, cron, inputs
) STRICT;
CREATE INDEX actions_triggers_version ON actions_triggers (version_id);
CREATE INDEX actions_triggers_repository_event ON actions_triggers (repository_id, event);

-- Definitions: one job key of a workflow version, never changed.
CREATE TABLE actions_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version_id INTEGER NOT NULL REFERENCES actions_workflow_versions (id) ON DELETE CASCADE,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    job_key TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('steps', 'call')),
    needs TEXT NOT NULL DEFAULT '[]',
    if_condition TEXT NOT NULL,
    uses TEXT,
    definition TEXT NOT NULL, -- the job as GitHub's template JSON
    UNIQUE (version_id, job_key),
    CHECK ((kind = 'call') = (uses IS NOT NULL))
) STRICT;

CREATE TABLE actions_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    event TEXT NOT NULL,
    payload_sha256 TEXT NOT NULL CHECK (length(payload_sha256) = 64),
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    processed_at INTEGER,
    UNIQUE (source, delivery_id)
) STRICT;
CREATE INDEX actions_events_unprocessed ON actions_events (id) WHERE processed_at IS NULL;
CREATE INDEX actions_events_repository ON actions_events (repository_id);

CREATE TABLE actions_workflow_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    workflow_id INTEGER NOT NULL REFERENCES actions_workflows (id) ON DELETE CASCADE,
    version_id INTEGER NOT NULL REFERENCES actions_workflow_versions (id),
    run_number INTEGER NOT NULL CHECK (run_number >= 1),
    event TEXT NOT NULL,
    event_id INTEGER REFERENCES actions_events (id) ON DELETE SET NULL,
    inputs TEXT NOT NULL DEFAULT '{}',
    variables TEXT NOT NULL DEFAULT '{}',
    selection TEXT NOT NULL DEFAULT '{}', -- the jobs and matrix values that were asked for, when not all
    referenced_workflows TEXT NOT NULL DEFAULT '[]', -- [{path, version_id}] of the workflows that it calls
    name TEXT NOT NULL,
    display_title TEXT NOT NULL,
    head_branch TEXT,
    head_ref TEXT NOT NULL,
    head_sha TEXT NOT NULL,
    dirty INTEGER NOT NULL DEFAULT 0 CHECK (dirty IN (0, 1)),
    actor_id INTEGER,
    actor TEXT NOT NULL,
    triggering_actor_id INTEGER,
    triggering_actor TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'in_progress', 'completed', 'cancelled')),
    hold TEXT CHECK (hold IN ('requested', 'pending', 'waiting')),
    conclusion TEXT CHECK (conclusion IN ('success', 'failure', 'neutral', 'skipped', 'timed_out',
        'action_required', 'stale', 'startup_failure', 'cancelled')),
    status_reason TEXT,
    superseded_by INTEGER REFERENCES actions_workflow_runs (id) ON DELETE SET NULL,
    concurrency_key TEXT,
    cancel_requested_at INTEGER,
    latest_attempt INTEGER NOT NULL DEFAULT 1 CHECK (latest_attempt BETWEEN 1 AND 51),
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    completed_at INTEGER,
    UNIQUE (workflow_id, run_number),
    CHECK ((status IN ('completed', 'cancelled')) = (conclusion IS NOT NULL)),
    CHECK ((conclusion IS NOT NULL) = (completed_at IS NOT NULL)),
    CHECK ((status = 'cancelled') = (conclusion IS NOT NULL AND conclusion = 'cancelled')),
    CHECK (hold IS NULL OR status = 'queued'),
    CHECK (started_at IS NULL OR created_at <= started_at),
    CHECK (completed_at IS NULL OR started_at IS NULL OR started_at <= completed_at)
) STRICT;
CREATE INDEX actions_workflow_runs_repository ON actions_workflow_runs (repository_id, id DESC);
CREATE INDEX actions_workflow_runs_workflow ON actions_workflow_runs (workflow_id, id DESC);
CREATE INDEX actions_workflow_runs_sha ON actions_workflow_runs (repository_id, head_sha);
CREATE INDEX actions_workflow_runs_branch ON actions_workflow_runs (repository_id, head_branch, id DESC);
CREATE INDEX actions_workflow_runs_conclusion ON actions_workflow_runs (repository_id, conclusion, id DESC);
-- For deletes of what they refer to.
CREATE INDEX actions_workflow_runs_version ON actions_workflow_runs (version_id);
CREATE INDEX actions_workflow_runs_event ON actions_workflow_runs (event_id);
CREATE INDEX actions_workflow_runs_superseded ON actions_workflow_runs (superseded_by) WHERE superseded_by IS NOT NULL;

CREATE TABLE actions_run_attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES actions_workflow_runs (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL CHECK (attempt BETWEEN 1 AND 51),
    triggering_actor TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'in_progress', 'completed', 'cancelled')),
    conclusion TEXT,
    artifact_min_attempt INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    run_started_at INTEGER,
    completed_at INTEGER,
    UNIQUE (run_id, attempt),
    CHECK ((status IN ('completed', 'cancelled')) = (conclusion IS NOT NULL)),
    CHECK ((conclusion IS NOT NULL) = (completed_at IS NOT NULL))
) STRICT;

-- One narrow row while a run is not terminal.
CREATE TABLE actions_live_runs (
    run_id INTEGER PRIMARY KEY REFERENCES actions_workflow_runs (id) ON DELETE CASCADE,
    attempt_id INTEGER NOT NULL REFERENCES actions_run_attempts (id) ON DELETE CASCADE,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    -- the runner of a `plue run`, which alone may take the run's jobs
    runner_id INTEGER REFERENCES actions_runners (id) ON DELETE SET NULL,
    deadline_at INTEGER
) STRICT;
CREATE INDEX actions_live_runs_repository ON actions_live_runs (repository_id);
CREATE INDEX actions_live_runs_attempt ON actions_live_runs (attempt_id);
CREATE INDEX actions_live_runs_runner ON actions_live_runs (runner_id);

CREATE TABLE actions_label_sets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 TEXT NOT NULL UNIQUE,
    labels TEXT NOT NULL, -- JSON list: lower-case, sorted, without duplicates
    created_at INTEGER NOT NULL
) STRICT;

-- Instances: one matrix leg, or one call of a reusable workflow, of a run attempt.
CREATE TABLE actions_job_executions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    workflow_run_id INTEGER NOT NULL REFERENCES actions_workflow_runs (id) ON DELETE CASCADE,
    attempt_id INTEGER NOT NULL REFERENCES actions_run_attempts (id) ON DELETE CASCADE,
    job_id INTEGER NOT NULL REFERENCES actions_jobs (id),
    parent_execution_id INTEGER REFERENCES actions_job_executions (id) ON DELETE CASCADE,
    source_execution_id INTEGER REFERENCES actions_job_executions (id) ON DELETE SET NULL,
    call_path TEXT NOT NULL DEFAULT '', -- keys and leg numbers of the callers: `deploy/`, `deploy#2/inner/`
    job_key TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('steps', 'call')),
    name TEXT NOT NULL,
    matrix TEXT,
    matrix_index INTEGER NOT NULL DEFAULT 0 CHECK (matrix_index BETWEEN 0 AND 255),
    matrix_total INTEGER NOT NULL DEFAULT 1 CHECK (matrix_total BETWEEN 1 AND 256),
    expanded INTEGER NOT NULL DEFAULT 0 CHECK (expanded IN (0, 1)),
    fail_fast INTEGER NOT NULL DEFAULT 1 CHECK (fail_fast IN (0, 1)),
    max_parallel INTEGER CHECK (max_parallel >= 1),
    continue_on_error INTEGER NOT NULL DEFAULT 0 CHECK (continue_on_error IN (0, 1)),
    inputs TEXT, -- of a call: the values that the called workflow sees
    label_set_id INTEGER REFERENCES actions_label_sets (id),
    environment TEXT,
    priority INTEGER NOT NULL DEFAULT 0,
    concurrency_key TEXT,
    concurrency_cancels INTEGER NOT NULL DEFAULT 0 CHECK (concurrency_cancels IN (0, 1)),
    concurrency_depth INTEGER NOT NULL DEFAULT 1 CHECK (concurrency_depth BETWEEN 1 AND 100),
    pending_needs INTEGER NOT NULL DEFAULT 0 CHECK (pending_needs >= 0),
    needs_failed INTEGER NOT NULL DEFAULT 0 CHECK (needs_failed IN (0, 1)),
    status TEXT NOT NULL CHECK (status IN ('pending', 'queued', 'in_progress', 'completed', 'failed', 'cancelled')),
    hold TEXT CHECK (hold IN ('needs', 'concurrency', 'max_parallel', 'gate', 'run')),
    conclusion TEXT CHECK (conclusion IN ('success', 'neutral', 'skipped', 'failure', 'startup_failure', 'cancelled')),
    status_reason TEXT,
    status_message TEXT,
    outputs TEXT NOT NULL DEFAULT '{}',
    cancel_requested_at INTEGER,
    created_at INTEGER NOT NULL,
    queued_at INTEGER,
    started_at INTEGER,
    completed_at INTEGER,
    UNIQUE (attempt_id, call_path, job_key, matrix_index),
    CHECK (matrix_index < matrix_total),
    CHECK ((status IN ('completed', 'failed', 'cancelled')) = (conclusion IS NOT NULL)),
    CHECK ((conclusion IS NOT NULL) = (completed_at IS NOT NULL)),
    CHECK ((status = 'cancelled') = (conclusion IS NOT NULL AND conclusion = 'cancelled')),
    CHECK ((status = 'failed') = (conclusion IS NOT NULL AND conclusion IN ('failure', 'startup_failure'))),
    CHECK (hold IS NULL OR status = 'pending'),
    CHECK (status <> 'in_progress' OR started_at IS NOT NULL),
    CHECK (queued_at IS NULL OR created_at <= queued_at),
    CHECK (started_at IS NULL OR queued_at IS NULL OR queued_at <= started_at),
    CHECK (completed_at IS NULL OR started_at IS NULL OR started_at <= completed_at)
) STRICT;
CREATE INDEX actions_job_executions_run ON actions_job_executions (workflow_run_id, id);
CREATE INDEX actions_job_executions_job ON actions_job_executions (job_id);
CREATE INDEX actions_job_executions_source ON actions_job_executions (source_execution_id)
    WHERE source_execution_id IS NOT NULL;
CREATE INDEX actions_job_executions_parent ON actions_job_executions (parent_execution_id)
    WHERE parent_execution_id IS NOT NULL;

CREATE TABLE actions_execution_needs (
    needs_execution_id INTEGER NOT NULL REFERENCES actions_job_executions (id) ON DELETE CASCADE,
    execution_id INTEGER NOT NULL REFERENCES actions_job_executions (id) ON DELETE CASCADE,
    PRIMARY KEY (needs_execution_id, execution_id),
    CHECK (needs_execution_id <> execution_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX actions_execution_needs_execution ON actions_execution_needs (execution_id);

-- Only jobs that wait for a runner; a row is deleted when its job is claimed.
CREATE TABLE actions_job_queue (
    label_set_id INTEGER NOT NULL REFERENCES actions_label_sets (id),
    rank INTEGER NOT NULL,
    execution_id INTEGER NOT NULL UNIQUE REFERENCES actions_job_executions (id) ON DELETE CASCADE,
    workflow_run_id INTEGER NOT NULL REFERENCES actions_workflow_runs (id) ON DELETE CASCADE,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    organization_id INTEGER,
    queued_at INTEGER NOT NULL,
    PRIMARY KEY (label_set_id, rank, execution_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX actions_job_queue_run ON actions_job_queue (workflow_run_id, rank, execution_id);

CREATE TABLE actions_runners (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    repository_id INTEGER REFERENCES actions_repositories (id) ON DELETE CASCADE,
    organization_id INTEGER,
    status TEXT NOT NULL DEFAULT 'offline' CHECK (status IN ('online', 'offline', 'busy')),
    ephemeral INTEGER NOT NULL DEFAULT 0 CHECK (ephemeral IN (0, 1)),
    lock_path TEXT, -- a local runner lives as long as this file is locked …
    lock_host TEXT, -- … on this host
    os TEXT NOT NULL,
    arch TEXT NOT NULL,
    version TEXT NOT NULL,
    max_parallel_jobs INTEGER NOT NULL DEFAULT 1 CHECK (max_parallel_jobs >= 1),
    supported_architectures TEXT NOT NULL DEFAULT '[]', -- JSON list; empty: its own alone
    docker_enabled INTEGER NOT NULL DEFAULT 0 CHECK (docker_enabled IN (0, 1)),
    created_at INTEGER NOT NULL,
    CHECK (repository_id IS NULL OR organization_id IS NULL),
    CHECK ((lock_path IS NULL) = (lock_host IS NULL))
) STRICT;
CREATE INDEX actions_runners_repository ON actions_runners (repository_id);
CREATE INDEX actions_runners_organization ON actions_runners (organization_id) WHERE organization_id IS NOT NULL;

-- Apart from the runner, so that a heartbeat rewrites nothing but this narrow row.
CREATE TABLE actions_runner_heartbeats (
    runner_id INTEGER PRIMARY KEY REFERENCES actions_runners (id) ON DELETE CASCADE,
    last_seen INTEGER NOT NULL
) STRICT;

CREATE TABLE actions_runner_labels (
    runner_id INTEGER NOT NULL REFERENCES actions_runners (id) ON DELETE CASCADE,
    label TEXT NOT NULL, -- lower-case
    kind TEXT NOT NULL CHECK (kind IN ('system', 'custom')),
    PRIMARY KEY (runner_id, label)
) STRICT, WITHOUT ROWID;

-- Claims: one row each time that a runner takes an execution.
CREATE TABLE actions_job_assignments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id INTEGER NOT NULL REFERENCES actions_job_executions (id) ON DELETE CASCADE,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    runner_id INTEGER REFERENCES actions_runners (id) ON DELETE SET NULL,
    runner_name TEXT NOT NULL,
    fencing_token INTEGER NOT NULL CHECK (fencing_token >= 1),
    log_month INTEGER NOT NULL, -- YYYYMM of the claim, carried into the log chunks
    claimed_at INTEGER NOT NULL,
    acknowledged_at INTEGER,
    finished_at INTEGER,
    UNIQUE (execution_id, fencing_token),
    CHECK (acknowledged_at IS NULL OR claimed_at <= acknowledged_at),
    CHECK (finished_at IS NULL OR claimed_at <= finished_at)
) STRICT;
CREATE INDEX actions_job_assignments_runner ON actions_job_assignments (runner_id);

-- The claims that are live: one an execution.
CREATE TABLE actions_leases (
    execution_id INTEGER PRIMARY KEY REFERENCES actions_job_executions (id) ON DELETE CASCADE,
    assignment_id INTEGER NOT NULL UNIQUE REFERENCES actions_job_assignments (id) ON DELETE CASCADE,
    runner_id INTEGER REFERENCES actions_runners (id) ON DELETE CASCADE,
    fencing_token INTEGER NOT NULL,
    lease_until INTEGER -- NULL: the runner's lock file says whether it lives
) STRICT;
CREATE INDEX actions_leases_runner ON actions_leases (runner_id);

CREATE TABLE actions_steps (
    assignment_id INTEGER NOT NULL REFERENCES actions_job_assignments (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number >= 1),
    name TEXT NOT NULL,
    context_name TEXT NOT NULL,
    action TEXT,
    status TEXT NOT NULL CHECK (status IN ('pending', 'in_progress', 'completed', 'skipped', 'failed')),
    outcome TEXT CHECK (outcome IN ('success', 'failure', 'cancelled', 'skipped')),
    conclusion TEXT CHECK (conclusion IN ('success', 'failure', 'cancelled', 'skipped')),
    exit_code INTEGER,
    log_first_line INTEGER,
    log_line_count INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER,
    completed_at INTEGER,
    PRIMARY KEY (assignment_id, number),
    CHECK ((status IN ('completed', 'skipped', 'failed')) = (conclusion IS NOT NULL)),
    CHECK ((outcome IS NULL) = (conclusion IS NULL)),
    CHECK ((status = 'skipped') = (conclusion IS NOT NULL AND conclusion = 'skipped')),
    CHECK (completed_at IS NULL OR started_at IS NULL OR started_at <= completed_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE actions_log_chunks (
    month INTEGER NOT NULL,
    assignment_id INTEGER NOT NULL REFERENCES actions_job_assignments (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL CHECK (seq >= 0),
    first_line INTEGER NOT NULL CHECK (first_line >= 1),
    line_count INTEGER NOT NULL CHECK (line_count >= 1),
    first_byte INTEGER NOT NULL CHECK (first_byte >= 0), -- of the plain text, a newline after each line
    byte_count INTEGER NOT NULL CHECK (byte_count >= line_count),
    data BLOB NOT NULL CHECK (length(data) <= 65536),
    PRIMARY KEY (month, assignment_id, seq)
) STRICT;
CREATE INDEX actions_log_chunks_line ON actions_log_chunks (assignment_id, first_line);
CREATE INDEX actions_log_chunks_byte ON actions_log_chunks (assignment_id, first_byte);

CREATE TABLE actions_annotations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    assignment_id INTEGER NOT NULL REFERENCES actions_job_assignments (id) ON DELETE CASCADE,
    step_number INTEGER NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('error', 'warning', 'notice')),
    message TEXT NOT NULL,
    title TEXT,
    file TEXT,
    line INTEGER,
    end_line INTEGER,
    column_number INTEGER,
    end_column INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX actions_annotations_assignment ON actions_annotations (assignment_id);

CREATE TABLE actions_summaries (
    assignment_id INTEGER NOT NULL REFERENCES actions_job_assignments (id) ON DELETE CASCADE,
    step_number INTEGER NOT NULL,
    content TEXT NOT NULL CHECK (length(CAST(content AS BLOB)) <= 1048576),
    PRIMARY KEY (assignment_id, step_number)
) STRICT;

-- A group is a row to lock; who holds it and who waits are its slots.
CREATE TABLE actions_concurrency_groups (
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    key_folded TEXT NOT NULL,
    PRIMARY KEY (repository_id, key_folded)
) STRICT, WITHOUT ROWID;

CREATE TABLE actions_concurrency_slots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL,
    key_folded TEXT NOT NULL,
    run_id INTEGER NOT NULL REFERENCES actions_workflow_runs (id) ON DELETE CASCADE,
    execution_id INTEGER REFERENCES actions_job_executions (id) ON DELETE CASCADE, -- NULL: the run itself
    state TEXT NOT NULL CHECK (state IN ('running', 'pending')),
    FOREIGN KEY (repository_id, key_folded) REFERENCES actions_concurrency_groups (repository_id, key_folded)
        ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX actions_concurrency_slots_holder ON actions_concurrency_slots (repository_id, key_folded)
    WHERE state = 'running';
CREATE UNIQUE INDEX actions_concurrency_slots_execution ON actions_concurrency_slots (execution_id)
    WHERE execution_id IS NOT NULL;
CREATE INDEX actions_concurrency_slots_group ON actions_concurrency_slots (repository_id, key_folded, id);
CREATE INDEX actions_concurrency_slots_run ON actions_concurrency_slots (run_id);

-- Every change of a state, in the transaction that made it.
CREATE TABLE actions_transitions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES actions_workflow_runs (id) ON DELETE CASCADE,
    object TEXT NOT NULL CHECK (object IN ('run', 'job')),
    object_id INTEGER NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    reason TEXT,
    actor TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX actions_transitions_run ON actions_transitions (run_id, id);

-- What no statement may do, whoever writes it.
CREATE TRIGGER actions_workflow_runs_transition BEFORE UPDATE OF status ON actions_workflow_runs
WHEN old.status <> new.status AND NOT (
    old.status = 'queued' OR old.status = 'in_progress' AND new.status IN ('completed', 'cancelled')
    OR old.status IN ('completed', 'cancelled') AND new.status = 'queued')
BEGIN
    SELECT RAISE(ABORT, 'illegal transition of a run');
END;
CREATE TRIGGER actions_run_attempts_transition BEFORE UPDATE OF status ON actions_run_attempts
WHEN old.status <> new.status AND (old.status IN ('completed', 'cancelled') OR new.status = 'queued')
BEGIN
    SELECT RAISE(ABORT, 'illegal transition of an attempt');
END;
CREATE TRIGGER actions_job_executions_transition BEFORE UPDATE OF status ON actions_job_executions
WHEN old.status <> new.status AND (old.status IN ('completed', 'failed', 'cancelled') OR new.status = 'pending')
BEGIN
    SELECT RAISE(ABORT, 'illegal transition of a job');
END;
CREATE TRIGGER actions_steps_transition BEFORE UPDATE OF status ON actions_steps
WHEN old.status <> new.status AND (old.status IN ('completed', 'skipped', 'failed') OR new.status = 'pending')
BEGIN
    SELECT RAISE(ABORT, 'illegal transition of a step');
END;
