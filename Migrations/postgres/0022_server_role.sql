-- A server can work as a role that owns nothing: it can neither change the audit log nor take its triggers away.

-- What makes and drops partitions runs as their owner.
DO $$
DECLARE
    routine TEXT;
BEGIN
    FOREACH routine IN ARRAY ARRAY['actions_ensure_partitions(timestamptz, bigint)', 'actions_protect_partitions()',
        'actions_drop_partition(timestamptz)', 'actions_drop_audit_bodies(bigint)']
    LOOP
        -- Temporary tables last: nobody's are taken for these.
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER', routine);
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', routine, current_schema());
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
    END LOOP;
END
$$;

-- Lets a role do what a server does, and takes from it what was granted beyond that.
CREATE FUNCTION actions_grant_server(server TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    item RECORD;
    rights TEXT;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), server);
    FOR item IN SELECT c.relname AS name, c.relkind = 'S' AS is_sequence, c.relispartition AS is_partition FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relname LIKE 'actions\_%'
        AND c.relkind IN ('r', 'p', 'S')
    LOOP
        IF item.is_sequence THEN
            EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %I TO %I', item.name, server);
            CONTINUE;
        END IF;
        rights := CASE
            WHEN item.name LIKE 'actions\_audit\_%' THEN 'SELECT, INSERT'
            WHEN item.name = 'actions_schema_migrations' THEN 'SELECT'
            ELSE 'SELECT, INSERT, UPDATE, DELETE' END;
        EXECUTE format('REVOKE ALL ON %I FROM %I', item.name, server);
        -- It is read and written through its table.
        CONTINUE WHEN item.is_partition;
        EXECUTE format('GRANT %s ON %I TO %I', rights, item.name, server);
    END LOOP;
    FOR item IN SELECT p.oid::regprocedure AS routine FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace AND p.prosecdef AND p.proname LIKE 'actions\_%'
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', item.routine, server);
    END LOOP;
END
$$;
