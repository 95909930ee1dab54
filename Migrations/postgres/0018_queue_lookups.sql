-- A job is looked up by its execution in the primary key alone. A plan that was made while the queue was empty takes any
-- index that holds the column, also behind others, where it has to read all of it: so the indexes of the order serve only
-- who gives their first column.
ALTER TABLE actions_job_queue DROP CONSTRAINT actions_job_queue_pkey;
ALTER TABLE actions_job_queue DROP CONSTRAINT actions_job_queue_execution_id_key;
ALTER TABLE actions_job_queue ADD PRIMARY KEY (execution_id);
CREATE INDEX actions_job_queue_order ON actions_job_queue (label_set_id, rank, execution_id)
    WHERE label_set_id IS NOT NULL;
DROP INDEX actions_job_queue_run;
CREATE INDEX actions_job_queue_run ON actions_job_queue (workflow_run_id, rank, execution_id)
    WHERE workflow_run_id IS NOT NULL;
DROP INDEX actions_job_queue_repository;
CREATE INDEX actions_job_queue_repository ON actions_job_queue (repository_id, label_set_id, rank, execution_id)
    WHERE repository_id IS NOT NULL;
