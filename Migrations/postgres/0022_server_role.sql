-- A server can work as a role that owns nothing: it can neither change the audit log nor take its triggers away.

-- What makes and drops partitions runs as their owner. Such a function looks for functions and operators among the system's
-- alone: any other schema is one that somebody may put theirs into. So each knows the schema that it is of. So does what
-- the owner calls.
DO $$
DECLARE
    definition TEXT;
BEGIN
    FOREACH definition IN ARRAY ARRAY[$f$
CREATE OR REPLACE FUNCTION actions_protect_partitions() RETURNS BIGINT LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    home CONSTANT TEXT := @home@;
    part RECORD;
    made BIGINT := 0;
BEGIN
    FOR part IN SELECT c.oid, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = format('%I.actions_audit_bodies', home)::regclass AND NOT EXISTS (
            SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'actions_audit_bodies_no_truncate')
    LOOP
        EXECUTE format('CREATE TRIGGER actions_audit_bodies_no_truncate BEFORE TRUNCATE ON %I.%I FOR EACH STATEMENT
            EXECUTE FUNCTION %I.actions_refuse(''the audit log is insert only'')', home, part.relname, home);
        EXECUTE format('ALTER TABLE %I.%I ENABLE ALWAYS TRIGGER actions_audit_bodies_no_truncate', home, part.relname);
        EXECUTE format('ALTER TABLE %I.%I ENABLE ALWAYS TRIGGER actions_audit_bodies_insert_only', home, part.relname);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$body$
$f$, $f$
CREATE OR REPLACE FUNCTION actions_ensure_partitions(first TIMESTAMPTZ, months BIGINT) RETURNS BIGINT LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    home CONSTANT TEXT := @home@;
    parent RECORD;
    start TIMESTAMP;
    made BIGINT := 0;
    part TEXT;
BEGIN
    FOR step IN 0..months - 1 LOOP
        start := date_trunc('month', first AT TIME ZONE 'UTC') + make_interval(months => step::integer);
        FOR parent IN SELECT c.relname AS name, a.atttypid = 'timestamptz'::regtype AS by_time
            FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
            WHERE c.relnamespace = quote_ident(home)::regnamespace AND c.relname LIKE 'actions\_%'
        LOOP
            part := parent.name || '_' || to_char(start, 'YYYYMM');
            CONTINUE WHEN to_regclass(format('%I.%I', home, part)) IS NOT NULL;
            -- One maker at a time; the others then find it made.
            PERFORM pg_advisory_xact_lock(1819238757, hashtext(home));
            CONTINUE WHEN to_regclass(format('%I.%I', home, part)) IS NOT NULL;
            IF parent.by_time THEN
                EXECUTE format('CREATE TABLE %I.%I PARTITION OF %I.%I FOR VALUES FROM (%L) TO (%L)', home, part, home,
                    parent.name, start AT TIME ZONE 'UTC', (start + interval '1 month') AT TIME ZONE 'UTC');
            ELSE
                EXECUTE format('CREATE TABLE %I.%I PARTITION OF %I.%I FOR VALUES FROM (%s) TO (%s)', home, part, home,
                    parent.name, to_char(start, 'YYYYMM'), to_char(start + interval '1 month', 'YYYYMM'));
            END IF;
            made := made + 1;
        END LOOP;
    END LOOP;
    IF made > 0 THEN
        EXECUTE format('SELECT %I.actions_protect_partitions()', home);
    END IF;
    RETURN made;
END
$body$
$f$, $f$
CREATE OR REPLACE FUNCTION actions_drop_partition(before TIMESTAMPTZ) RETURNS BOOLEAN LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    home CONSTANT TEXT := @home@;
    part RECORD;
    is_used BOOLEAN;
BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent IN (format('%I.actions_log_chunks', home)::regclass,
            format('%I.actions_transitions', home)::regclass)
        AND c.relname ~ '_[0-9]{6}$' AND right(c.relname, 6) < to_char(before AT TIME ZONE 'UTC', 'YYYYMM')
        ORDER BY right(c.relname, 6), c.relname
    LOOP
        BEGIN
            -- Looked at before the parent is locked, as many dead rows take long.
            EXECUTE format('LOCK TABLE %I.%I IN SHARE ROW EXCLUSIVE MODE', home, part.relname);
            EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I)', home, part.relname) INTO is_used;
            CONTINUE WHEN is_used;
            EXECUTE format('DROP TABLE %I.%I', home, part.relname);
            RETURN true;
        EXCEPTION WHEN lock_not_available OR undefined_table THEN
            NULL;
        END;
    END LOOP;
    RETURN false;
END
$body$
$f$, $f$
CREATE OR REPLACE FUNCTION actions_drop_audit_bodies(pruned BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    home CONSTANT TEXT := @home@;
    part CONSTANT TEXT := 'actions_audit_bodies_' || pruned;
    is_marked BOOLEAN;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.actions_audit_prunings WHERE month = $1)', home)
        INTO is_marked USING pruned;
    IF NOT is_marked THEN
        RAISE EXCEPTION 'the audit log is insert only: month % is not marked as pruned', pruned;
    END IF;
    PERFORM set_config('lock_timeout', '200ms', true);
    IF to_regclass(format('%I.%I', home, part)) IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TABLE %I.%I', home, part);
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$body$
$f$, $f$
-- Lets a role do what a server does, and takes from it, and from everybody, what was granted beyond that.
CREATE FUNCTION actions_grant_server(server TEXT) RETURNS VOID LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    home CONSTANT TEXT := @home@;
    item RECORD;
    rights TEXT;
BEGIN
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM %I', home, server);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', home, server);
    FOR item IN SELECT c.relname AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
        c.relispartition AS is_partition FROM pg_class c
        WHERE c.relnamespace = quote_ident(home)::regnamespace AND c.relname LIKE 'actions\_%'
        AND c.relkind IN ('r', 'p', 'S')
    LOOP
        EXECUTE format('REVOKE ALL ON %s %I.%I FROM PUBLIC, %I', item.kind, home, item.name, server);
        -- It is read and written through its table.
        CONTINUE WHEN item.is_partition;
        rights := CASE
            WHEN item.kind = 'SEQUENCE' THEN 'USAGE, SELECT'
            WHEN item.name LIKE 'actions\_audit\_%' THEN 'SELECT, INSERT'
            WHEN item.name = 'actions_schema_migrations' THEN 'SELECT'
            ELSE 'SELECT, INSERT, UPDATE, DELETE' END;
        EXECUTE format('GRANT %s ON %s %I.%I TO %I', rights, item.kind, home, item.name, server);
    END LOOP;
    FOR item IN SELECT p.oid::regprocedure AS routine FROM pg_proc p
        WHERE p.pronamespace = quote_ident(home)::regnamespace AND p.prosecdef AND p.proname LIKE 'actions\_%'
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', item.routine, server);
    END LOOP;
END
$body$
$f$]
    LOOP
        EXECUTE replace(definition, '@home@', quote_literal(current_schema()));
    END LOOP;
    FOREACH definition IN ARRAY ARRAY['actions_protect_partitions()', 'actions_ensure_partitions(timestamptz, bigint)',
        'actions_drop_partition(timestamptz)', 'actions_drop_audit_bodies(bigint)']
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', definition);
    END LOOP;
END
$$;
