-- As of 0022, but for tables of the schema's owner alone: whoever made another one chose what is called for it.
DO $$
BEGIN
    EXECUTE replace($f$
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
            -- Whoever made another one chose what is called for it.
            AND c.relowner = (SELECT o.relowner FROM pg_class o
                WHERE o.oid = format('%I.actions_audit_bodies', home)::regclass)
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
$f$, '@home@', quote_literal(current_schema()));
END
$$;
