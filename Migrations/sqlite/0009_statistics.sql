-- Whether an attempt that has ended is counted in the tables below: set once, by the transaction that counts it.
ALTER TABLE actions_run_attempts ADD COLUMN in_statistics INTEGER NOT NULL DEFAULT 0 CHECK (in_statistics IN (0, 1));
CREATE INDEX actions_run_attempts_uncounted ON actions_run_attempts (id) WHERE NOT in_statistics;

-- What ended on a day (YYYYMMDD, UTC), a row for each job of a workflow, and one for its runs, whose job_path is empty.
CREATE TABLE actions_daily_jobs (
    workflow_id INTEGER NOT NULL REFERENCES actions_workflows (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    job_path TEXT NOT NULL, -- keys of the callers and the job's: deploy/build
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    infrastructure INTEGER NOT NULL, -- of the failed ones: no fault of the user's
    timed_out INTEGER NOT NULL,
    flaky INTEGER NOT NULL, -- of the succeeded ones: the same leg failed in the attempt before
    repeated INTEGER NOT NULL, -- in a later attempt than the first
    lost_claims INTEGER NOT NULL,
    executed INTEGER NOT NULL, -- those that started: of them are the times
    queue_microseconds INTEGER NOT NULL,
    run_microseconds INTEGER NOT NULL,
    minutes INTEGER NOT NULL, -- each execution rounded up, as GitHub bills
    PRIMARY KEY (workflow_id, day, job_path)
) STRICT, WITHOUT ROWID;
CREATE INDEX actions_daily_jobs_repository ON actions_daily_jobs (repository_id, day);

-- The same times by size: buckets of at most an eighth, so that percentiles of days and jobs add up.
CREATE TABLE actions_daily_times (
    workflow_id INTEGER NOT NULL REFERENCES actions_workflows (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    job_path TEXT NOT NULL,
    measure TEXT NOT NULL CHECK (measure IN ('queue', 'run')),
    bucket INTEGER NOT NULL CHECK (bucket >= 0),
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    count INTEGER NOT NULL CHECK (count >= 1),
    PRIMARY KEY (workflow_id, day, job_path, measure, bucket)
) STRICT, WITHOUT ROWID;
CREATE INDEX actions_daily_times_repository ON actions_daily_times (repository_id, day);

-- What runners did for a repository, by their names: empty for local runs, for runners that take one job,
-- and for those that were gone when it was counted.
CREATE TABLE actions_daily_runners (
    repository_id INTEGER NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    runner_name TEXT NOT NULL,
    claims INTEGER NOT NULL,
    busy_microseconds INTEGER NOT NULL,
    PRIMARY KEY (repository_id, day, runner_name)
) STRICT, WITHOUT ROWID;
