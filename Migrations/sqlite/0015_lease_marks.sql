-- A runner's live claims are counted from the oldest of them on.
DROP INDEX actions_leases_runner;
CREATE INDEX actions_leases_runner ON actions_leases (runner_id, assignment_id);
