-- Room that is reserved for what cannot be written in one transaction with its charge: counted like what is billed, until
-- it is settled, released, or its lease is over. A counter is the sum of its ledger rows and of its reservations.

CREATE TABLE decision_gate.usage_reservations (
    tenant    bytea NOT NULL CHECK (octet_length(tenant) = 8),
    metric    text NOT NULL,
    hold      bytea NOT NULL,                                        -- the call: two may hold room for one operation
    key       bytea NOT NULL,                                        -- of the charge, as far as known beforehand
    units     bigint NOT NULL CHECK (units >= 0),
    period    text NOT NULL,
    details   bytea NOT NULL,
    namespace bytea CHECK (octet_length(namespace) = 8),
    namespace_period text,
    ends_at   bigint NOT NULL,                                       -- Unix milliseconds of this server's clock
    PRIMARY KEY (tenant, metric, hold)
);

CREATE FUNCTION decision_gate.usage_now_ms() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint
$$;

-- Ends reservations and gives their room back: that of a call, or with p_hold null all of a metric beyond their lease.
CREATE FUNCTION decision_gate.usage_end_holds(p_tenant bytea, p_metric text, p_hold bytea)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    ended record;
    total bigint := 0;
BEGIN
    FOR ended IN
        -- What another one is ending is left to it: so two never wait for each other crosswise.
        WITH found AS (
            SELECT r.tenant, r.metric, r.hold FROM decision_gate.usage_reservations r
            WHERE r.tenant = p_tenant AND r.metric = p_metric
              AND CASE WHEN p_hold IS NULL THEN r.ends_at <= decision_gate.usage_now_ms() ELSE r.hold = p_hold END
            FOR UPDATE SKIP LOCKED
        )
        DELETE FROM decision_gate.usage_reservations r USING found f
        WHERE r.tenant = f.tenant AND r.metric = f.metric AND r.hold = f.hold
        RETURNING r.units, r.period, r.namespace, r.namespace_period
    LOOP
        UPDATE decision_gate.usage_counters c SET used = c.used - ended.units
        WHERE c.tenant = p_tenant AND c.metric = p_metric AND c.period = ended.period;
        UPDATE decision_gate.usage_namespace_counters c SET used = c.used - ended.units
        WHERE c.tenant = p_tenant AND c.namespace = ended.namespace AND c.metric = p_metric
          AND c.period = ended.namespace_period;
        total := total + 1;
    END LOOP;
    RETURN total;
END $$;

-- Move the counter of a tenant, or of one of its namespaces, or refuse.
CREATE FUNCTION decision_gate.usage_count(p_tenant bytea, p_metric text, p_period text, p_units bigint, p_most bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR attempt IN 1 .. 2 LOOP
        -- The condition is judged on the newest counter, under its lock: reading first would let racers past the limit.
        INSERT INTO decision_gate.usage_counters AS c (tenant, metric, period, used)
        SELECT p_tenant, p_metric, p_period, p_units
        WHERE p_most IS NULL OR p_units <= p_most
        ON CONFLICT (tenant, metric, period) DO UPDATE SET used = c.used + EXCLUDED.used
        WHERE p_most IS NULL OR c.used + EXCLUDED.used <= p_most;
        IF FOUND THEN
            RETURN;
        END IF;
        -- Only now, because nearly always nothing is held beyond its lease.
        EXIT WHEN decision_gate.usage_end_holds(p_tenant, p_metric, NULL) = 0;
    END LOOP;
    RAISE EXCEPTION USING ERRCODE = 'DG001', MESSAGE = 'quota exceeded: ' || p_metric, DETAIL = 'usage',
        COLUMN = p_metric;
END $$;

CREATE FUNCTION decision_gate.usage_count_in_namespace(
    p_tenant bytea, p_namespace bytea, p_metric text, p_period text, p_units bigint, p_most bigint
)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR attempt IN 1 .. 2 LOOP
        -- The condition is judged on the newest counter, under its lock: reading first would let racers past the limit.
        INSERT INTO decision_gate.usage_namespace_counters AS c (tenant, namespace, metric, period, used)
        SELECT p_tenant, p_namespace, p_metric, p_period, p_units
        WHERE p_most IS NULL OR p_units <= p_most
        ON CONFLICT (tenant, namespace, metric, period) DO UPDATE SET used = c.used + EXCLUDED.used
        WHERE p_most IS NULL OR c.used + EXCLUDED.used <= p_most;
        IF FOUND THEN
            RETURN;
        END IF;
        -- Only now, because nearly always nothing is held beyond its lease.
        EXIT WHEN decision_gate.usage_end_holds(p_tenant, p_metric, NULL) = 0;
    END LOOP;
    RAISE EXCEPTION USING ERRCODE = 'DG001', MESSAGE = 'quota exceeded: ' || p_metric, DETAIL = 'usage',
        COLUMN = p_metric;
END $$;

CREATE OR REPLACE FUNCTION decision_gate.rider_usage(keys bytea[], bodies bytea[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    charge record;
    rule record;
    inner_rule record;
    hold bytea;
    details bytea;
BEGIN
    -- In one order, so that two commits of one tenant never wait for each other crosswise: whoever has moved the
    -- counter of a tenant is alone with those of its namespaces.
    FOR charge IN
        SELECT substring(r.body FROM 1 FOR 8) AS tenant,
            nullif(substring(r.body FROM 9 FOR 8), '\x0000000000000000') AS namespace,
            convert_from(substring(r.body FROM 27 FOR get_byte(r.body, 25)), 'UTF8') AS metric,
            r.key,
            -- 0 bill, 1 bill what is due, 2 reserve, 3 settle, 4 release (charge_body.py)
            get_byte(r.body, 24) AS mode,
            ('x' || encode(substring(r.body FROM 17 FOR 8), 'hex'))::bit(64)::bigint AS units,
            substring(r.body FROM 27 + get_byte(r.body, 25)) AS rest
        FROM unnest(rider_usage.keys, rider_usage.bodies) AS r (key, body) ORDER BY 1, 3, 4
    LOOP
        details := charge.rest;
        IF charge.mode >= 2 THEN
            hold := substring(charge.rest FROM 1 FOR 16);
            details := substring(charge.rest FROM 17);
            IF charge.mode <> 2 THEN
                PERFORM decision_gate.usage_end_holds(charge.tenant, charge.metric, hold);
            END IF;
            CONTINUE WHEN charge.mode = 4 OR (charge.mode = 2 AND EXISTS (
                SELECT FROM decision_gate.usage_ledger l
                WHERE l.tenant = charge.tenant AND l.metric = charge.metric AND l.key = charge.key
            ));
        END IF;
        rule := decision_gate.usage_rule(charge.tenant, charge.metric);
        inner_rule := rule;
        IF charge.namespace IS NOT NULL THEN
            inner_rule := decision_gate.usage_namespace_rule(charge.tenant, charge.namespace, charge.metric);
        END IF;
        IF charge.mode IN (1, 3) THEN                                    -- consumed already: billed past any limit
            rule.units := NULL;
            inner_rule.units := NULL;
        END IF;
        -- The row first: a second one with this key waits here, then finds the row and moves no counter.
        IF charge.mode = 2 THEN
            INSERT INTO decision_gate.usage_reservations
                (tenant, metric, hold, key, units, period, details, namespace, namespace_period, ends_at)
            VALUES (charge.tenant, charge.metric, hold, charge.key, charge.units, rule.period, details,
                charge.namespace, CASE WHEN charge.namespace IS NOT NULL THEN inner_rule.period END,
                decision_gate.usage_now_ms() + 900000)
            ON CONFLICT DO NOTHING;
        ELSE
            INSERT INTO decision_gate.usage_ledger
                (tenant, metric, key, units, period, details, namespace, namespace_period)
            VALUES (charge.tenant, charge.metric, charge.key, charge.units, rule.period, details,
                charge.namespace, CASE WHEN charge.namespace IS NOT NULL THEN inner_rule.period END)
            ON CONFLICT DO NOTHING;
        END IF;
        CONTINUE WHEN NOT FOUND;
        PERFORM decision_gate.usage_count(charge.tenant, charge.metric, rule.period, charge.units, rule.units);
        CONTINUE WHEN charge.namespace IS NULL;
        PERFORM decision_gate.usage_count_in_namespace(
            charge.tenant, charge.namespace, charge.metric, inner_rule.period, charge.units, inner_rule.units
        );
    END LOOP;
END $$;
