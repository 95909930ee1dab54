ALTER TABLE actions_repositories ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1));
-- Workflows with schedules are disabled when nothing else happened for 60 days.
ALTER TABLE actions_repositories ADD COLUMN disables_idle_schedules INTEGER NOT NULL DEFAULT 0
    CHECK (disables_idle_schedules IN (0, 1));
-- The commit of the default branch that was pushed last: what schedules run.
ALTER TABLE actions_repositories ADD COLUMN head_sha TEXT;
UPDATE actions_repositories SET head_sha = (SELECT r.head_sha FROM actions_workflow_runs r
    WHERE r.repository_id = actions_repositories.id AND r.event = 'push'
    AND r.head_ref = 'refs/heads/' || actions_repositories.default_branch
    AND r.head_sha <> '0000000000000000000000000000000000000000' ORDER BY r.id DESC LIMIT 1);
-- The newest thing that happened in a repository by itself.
CREATE INDEX actions_events_activity ON actions_events (repository_id, id) WHERE event <> 'schedule';

-- A row for each cron and time zone of a workflow's current version.
CREATE TABLE actions_schedules (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    workflow_id INTEGER NOT NULL REFERENCES actions_workflows (id) ON DELETE CASCADE,
    version_id INTEGER NOT NULL REFERENCES actions_workflow_versions (id) ON DELETE CASCADE,
    cron TEXT NOT NULL,
    timezone TEXT NOT NULL, -- IANA's name
    actor TEXT NOT NULL, -- who brought it: the actor of its runs
    missed_policy TEXT NOT NULL DEFAULT 'run_once' CHECK (missed_policy IN ('skip', 'run_once', 'run_all')),
    -- NULL: never again, or not while the workflow is disabled
    next_due_at INTEGER,
    -- The next occurrence is the first after this, still to be computed by a server that knows the zone; it looks at
    -- next_due_at again. NULL: next_due_at is the occurrence.
    plan_from INTEGER,
    fault TEXT, -- why it could not be computed
    last_fired_at INTEGER, -- the occurrence
    created_at INTEGER NOT NULL,
    UNIQUE (workflow_id, cron, timezone),
    CHECK (plan_from IS NULL OR next_due_at IS NOT NULL),
    CHECK (fault IS NULL OR plan_from IS NOT NULL)
) STRICT;
CREATE INDEX actions_schedules_due ON actions_schedules (next_due_at) WHERE next_due_at IS NOT NULL;
CREATE INDEX actions_schedules_repository ON actions_schedules (repository_id);
CREATE INDEX actions_schedules_version ON actions_schedules (version_id);

-- What became of the last 90 days of each: the key lets an occurrence fire once.
CREATE TABLE actions_schedule_occurrences (
    schedule_id INTEGER NOT NULL REFERENCES actions_schedules (id) ON DELETE CASCADE,
    due_at INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('fired', 'skipped', 'missed')),
    reason TEXT,
    run_id INTEGER REFERENCES actions_workflow_runs (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (schedule_id, due_at),
    CHECK ((outcome = 'fired') = (reason IS NULL)),
    CHECK (run_id IS NULL OR outcome = 'fired')
) STRICT, WITHOUT ROWID;
CREATE INDEX actions_schedule_occurrences_run ON actions_schedule_occurrences (run_id) WHERE run_id IS NOT NULL;

-- Those of workflows that are stored already: planned from now on.
INSERT INTO actions_schedules
    (repository_id, workflow_id, version_id, cron, timezone, actor, next_due_at, plan_from, created_at)
SELECT DISTINCT w.repository_id, w.id, w.current_version_id, c.value,
    coalesce((SELECT z.value FROM json_each(t.filters, '$.timezone') AS z WHERE z.key = c.key), 'UTC'), 'plue',
    CASE WHEN w.state = 'active' THEN m.at END, CASE WHEN w.state = 'active' THEN m.at END, m.at
FROM (SELECT plue_now() AS at) AS m
JOIN actions_workflows w
JOIN actions_triggers t ON t.version_id = w.current_version_id AND t.event = 'schedule'
JOIN json_each(t.filters, '$.cron') AS c
WHERE w.state <> 'deleted'
ON CONFLICT DO NOTHING;
