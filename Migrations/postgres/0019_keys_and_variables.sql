-- Root keys that were replaced: who starts with one is told so. Nothing of the keys themselves can be told from this.
CREATE TABLE actions_former_root_keys (
    key_check BYTEA PRIMARY KEY,
    replaced_at TIMESTAMPTZ NOT NULL
);

-- Which repositories of its organization may use a variable, as of secrets.
ALTER TABLE actions_variables ADD COLUMN visibility TEXT NOT NULL DEFAULT 'private'
    CHECK (visibility IN ('all', 'private', 'selected'));

CREATE TABLE actions_variable_grants (
    variable_id BIGINT NOT NULL REFERENCES actions_variables (id) ON DELETE CASCADE DEFERRABLE,
    repository_id BIGINT NOT NULL REFERENCES actions_repositories (id) ON DELETE CASCADE DEFERRABLE,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (variable_id, repository_id)
);
CREATE INDEX actions_variable_grants_repository ON actions_variable_grants (repository_id);
