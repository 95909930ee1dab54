-- Whether an attempt that has ended is counted in the tables below: set once, by the transaction that counts it.
ALTER TABLE actions_run_attempts ADD COLUMN in_statistics BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX actions_run_attempts_uncounted ON actions_run_attempts (id) WHERE NOT in_statistics;

-- What ended on a day (YYYYMMDD, UTC), a row for each job of a workflow, and one for its runs, whose job_path is empty.
CREATE TABLE actions_daily_jobs (
    workflow_id BIGINT NOT NULL REFERENCES actions_workflows (id) ON DELETE CASCADE DEFERRABLE,
    day BIGINT NOT NULL,
    job_path TEXT NOT NULL, -- keys of the callers and the job's: deploy/build
    repository_id BIGINT NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE DEFERRABLE,
    succeeded BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    cancelled BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    infrastructure BIGINT NOT NULL, -- of the failed ones: no fault of the user's
    timed_out BIGINT NOT NULL,
    flaky BIGINT NOT NULL, -- of the succeeded ones: the same leg failed in the attempt before
    repeated BIGINT NOT NULL, -- in a later attempt than the first
    lost_claims BIGINT NOT NULL,
    executed BIGINT NOT NULL, -- those that started: of them are the times
    queue_microseconds BIGINT NOT NULL,
    run_microseconds BIGINT NOT NULL,
    minutes BIGINT NOT NULL, -- each execution rounded up, as GitHub bills
    PRIMARY KEY (workflow_id, day, job_path)
);
CREATE INDEX actions_daily_jobs_repository ON actions_daily_jobs (repository_id, day);

-- The same times by size: buckets of at most an eighth, so that percentiles of days and jobs add up.
CREATE TABLE actions_daily_times (
    workflow_id BIGINT NOT NULL REFERENCES actions_workflows (id) ON DELETE CASCADE DEFERRABLE,
    day BIGINT NOT NULL,
    job_path TEXT NOT NULL,
    measure TEXT NOT NULL CHECK (measure IN ('queue', 'run')),
    bucket BIGINT NOT NULL CHECK (bucket >= 0),
    repository_id BIGINT NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE DEFERRABLE,
    count BIGINT NOT NULL CHECK (count >= 1),
    PRIMARY KEY (workflow_id, day, job_path, measure, bucket)
);
CREATE INDEX actions_daily_times_repository ON actions_daily_times (repository_id, day);

-- What runners did for a repository, by their names: empty for local runs, for runners that take one job,
-- and for those that were gone when it was counted.
CREATE TABLE actions_daily_runners (
    repository_id BIGINT NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE DEFERRABLE,
    day BIGINT NOT NULL,
    runner_name TEXT NOT NULL,
    claims BIGINT NOT NULL,
    busy_microseconds BIGINT NOT NULL,
    PRIMARY KEY (repository_id, day, runner_name)
);
