-- What the processes of a step used, as the runner measured it; NULL where it started none, or could not tell.
ALTER TABLE actions_steps
    ADD COLUMN cpu_microseconds BIGINT CHECK (cpu_microseconds >= 0),
    ADD COLUMN peak_memory_bytes BIGINT CHECK (peak_memory_bytes >= 0);

-- The steps of jobs that ended on a day, beside actions_daily_jobs, by the name that the steps context has for them.
CREATE TABLE actions_daily_steps (
    workflow_id BIGINT NOT NULL REFERENCES actions_workflows (id) ON DELETE CASCADE DEFERRABLE,
    day BIGINT NOT NULL,
    job_path TEXT NOT NULL,
    step TEXT NOT NULL,
    repository_id BIGINT NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE DEFERRABLE,
    name TEXT NOT NULL, -- the last one that was shown
    executed BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    flaky BIGINT NOT NULL, -- succeeded where the same leg failed in the attempt before
    run_microseconds BIGINT NOT NULL,
    cpu_microseconds BIGINT NOT NULL,
    peak_memory_bytes BIGINT NOT NULL, -- the most of all
    PRIMARY KEY (workflow_id, day, job_path, step)
);
CREATE INDEX actions_daily_steps_repository ON actions_daily_steps (repository_id, day);
