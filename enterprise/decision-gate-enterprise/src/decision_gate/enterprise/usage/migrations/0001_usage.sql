-- The ledger says what was billed, for ever; counters say how much of a quota is used; limits say how much there is.
-- The key of a ledger row is the operation: whoever comes second with it is not billed.

CREATE TABLE decision_gate.usage_ledger (
    tenant  bytea NOT NULL CHECK (octet_length(tenant) = 8),
    metric  text NOT NULL,
    key     bytea NOT NULL,
    units   bigint NOT NULL CHECK (units >= 0),
    period  text NOT NULL,
    details bytea NOT NULL,
    PRIMARY KEY (tenant, metric, key)
);

CREATE TABLE decision_gate.usage_counters (
    tenant bytea NOT NULL CHECK (octet_length(tenant) = 8),
    metric text NOT NULL,
    period text NOT NULL,
    used   bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (tenant, metric, period)
) WITH (fillfactor = 50);

CREATE TABLE decision_gate.usage_limits (
    tenant bytea NOT NULL CHECK (octet_length(tenant) = 8),          -- eight zero bytes: every tenant without its own
    metric text NOT NULL,
    period text NOT NULL CHECK (period IN ('day', 'month', 'total')),
    units  bigint CHECK (units >= 0),                                -- null: counted, not limited
    PRIMARY KEY (tenant, metric)
);

-- The limit that holds for a tenant: its own, else that of every tenant, else none by the month. The period is named by
-- the clock of the database, one for all servers.
CREATE FUNCTION decision_gate.usage_rule(p_tenant bytea, p_metric text, OUT kind text, OUT period text, OUT units bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT l.period, l.units INTO kind, units FROM decision_gate.usage_limits l
    WHERE l.tenant IN (p_tenant, '\x0000000000000000') AND l.metric = p_metric ORDER BY l.tenant DESC LIMIT 1;
    kind := coalesce(kind, 'month');
    period := CASE kind
        WHEN 'day' THEN to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD')
        WHEN 'month' THEN to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM')
        ELSE 'total'
    END;
END $$;

CREATE FUNCTION decision_gate.rider_usage(keys bytea[], bodies bytea[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    charge record;
    rule record;
BEGIN
    -- In one order, so that two commits of one tenant never wait for each other crosswise.
    FOR charge IN
        SELECT substring(r.body FROM 1 FOR 8) AS tenant,
            convert_from(substring(r.body FROM 18 FOR get_byte(r.body, 16)), 'UTF8') AS metric,
            r.key,
            ('x' || encode(substring(r.body FROM 9 FOR 8), 'hex'))::bit(64)::bigint AS units,
            substring(r.body FROM 18 + get_byte(r.body, 16)) AS details
        FROM unnest(rider_usage.keys, rider_usage.bodies) AS r (key, body) ORDER BY 1, 2, 3
    LOOP
        rule := decision_gate.usage_rule(charge.tenant, charge.metric);
        -- The ledger first: a second one with this key waits here, then finds the row and moves no counter.
        INSERT INTO decision_gate.usage_ledger (tenant, metric, key, units, period, details)
        VALUES (charge.tenant, charge.metric, charge.key, charge.units, rule.period, charge.details)
        ON CONFLICT DO NOTHING;
        CONTINUE WHEN NOT FOUND;
        -- The condition is judged on the newest counter, under its lock: reading first would let racers past the limit.
        INSERT INTO decision_gate.usage_counters AS c (tenant, metric, period, used)
        SELECT charge.tenant, charge.metric, rule.period, charge.units
        WHERE rule.units IS NULL OR charge.units <= rule.units
        ON CONFLICT (tenant, metric, period) DO UPDATE SET used = c.used + EXCLUDED.used
        WHERE rule.units IS NULL OR c.used + EXCLUDED.used <= rule.units;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'DG001', MESSAGE = 'quota exceeded: ' || charge.metric, DETAIL = 'usage';
        END IF;
    END LOOP;
END $$;
