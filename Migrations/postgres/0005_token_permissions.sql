-- What the token of a job may do where its files do not say.
ALTER TABLE actions_repositories ADD COLUMN default_workflow_permissions TEXT NOT NULL DEFAULT 'read'
    CHECK (default_workflow_permissions IN ('read', 'write'));
