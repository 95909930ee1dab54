-- While there is a row, no registered runner is handed a job: of that repository, or any.
CREATE TABLE actions_queue_pauses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER UNIQUE REFERENCES actions_repositories (id) ON DELETE CASCADE, -- NULL: everything
    reason TEXT NOT NULL CHECK (reason <> ''),
    actor TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX actions_queue_pauses_all ON actions_queue_pauses ((repository_id IS NULL)) WHERE repository_id IS NULL;
