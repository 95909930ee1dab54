-- What the processes of a step used, as the runner measured it; NULL where it started none, or could not tell.
ALTER TABLE actions_steps ADD COLUMN cpu_microseconds INTEGER CHECK (cpu_microseconds >= 0);
ALTER TABLE actions_steps ADD COLUMN peak_memory_bytes INTEGER CHECK (peak_memory_bytes >= 0);

-- The steps of jobs that ended on a day, beside actions_daily_jobs, by the name that the steps context has for them.
CREATE TABLE actions_daily_steps (
    workflow_id INTEGER NOT NULL REFERENCES actions_workflows (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    job_path TEXT NOT NULL,
    step TEXT NOT NULL,
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    name TEXT NOT NULL, -- the last one that was shown
    executed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    flaky INTEGER NOT NULL, -- succeeded where the same leg failed in the attempt before
    run_microseconds INTEGER NOT NULL,
    cpu_microseconds INTEGER NOT NULL,
    peak_memory_bytes INTEGER NOT NULL, -- the most of all
    PRIMARY KEY (workflow_id, day, job_path, step)
) STRICT;
CREATE INDEX actions_daily_steps_repository ON actions_daily_steps (repository_id, day);
