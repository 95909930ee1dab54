-- The last place of a repository in a set's queue, from which its next jobs are ranked; and what waits for runners of one
-- repository.
CREATE INDEX actions_job_queue_repository ON actions_job_queue (repository_id, label_set_id, rank, execution_id);
