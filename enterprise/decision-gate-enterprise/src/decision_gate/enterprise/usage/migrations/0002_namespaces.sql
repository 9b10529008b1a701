-- Quotas of namespaces beside those of tenants; corrections as rows that refer to what they correct; a ledger that only
-- grows, whoever holds the application's role.

ALTER TABLE decision_gate.usage_ledger
    ADD COLUMN namespace bytea CHECK (octet_length(namespace) = 8),  -- null: the call named none
    ADD COLUMN namespace_period text,
    ADD COLUMN reference bytea,                                      -- key of the row that this one corrects
    DROP CONSTRAINT usage_ledger_units_check,
    ADD CONSTRAINT usage_ledger_units_check CHECK (CASE WHEN reference IS NULL THEN units >= 0 ELSE units < 0 END);

CREATE INDEX usage_ledger_by_reference ON decision_gate.usage_ledger (tenant, metric, reference)
WHERE reference IS NOT NULL;

CREATE TABLE decision_gate.usage_namespace_counters (
    tenant    bytea NOT NULL CHECK (octet_length(tenant) = 8),
    namespace bytea NOT NULL CHECK (octet_length(namespace) = 8),
    metric    text NOT NULL,
    period    text NOT NULL,
    used      bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (tenant, namespace, metric, period)
) WITH (fillfactor = 50);

CREATE TABLE decision_gate.usage_namespace_limits (
    tenant    bytea NOT NULL CHECK (octet_length(tenant) = 8),
    namespace bytea NOT NULL CHECK (octet_length(namespace) = 8),
    metric    text NOT NULL,
    period    text NOT NULL CHECK (period IN ('day', 'month', 'total')),
    units     bigint CHECK (units >= 0),                             -- null: counted, not limited
    PRIMARY KEY (tenant, namespace, metric)
);

-- The limit of a namespace, none by the month unless it has one; the tenant's holds beside it.
CREATE FUNCTION decision_gate.usage_namespace_rule(
    p_tenant bytea, p_namespace bytea, p_metric text, OUT kind text, OUT period text, OUT units bigint
) LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT l.period, l.units INTO kind, units FROM decision_gate.usage_namespace_limits l
    WHERE l.tenant = p_tenant AND l.namespace = p_namespace AND l.metric = p_metric;
    kind := coalesce(kind, 'month');
    period := CASE kind
        WHEN 'day' THEN to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD')
        WHEN 'month' THEN to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM')
        ELSE 'total'
    END;
END $$;

CREATE OR REPLACE FUNCTION decision_gate.rider_usage(keys bytea[], bodies bytea[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    charge record;
    rule record;
    inner_rule record;
BEGIN
    -- In one order, so that two commits of one tenant never wait for each other crosswise: whoever has moved the
    -- counter of a tenant is alone with those of its namespaces.
    FOR charge IN
        SELECT substring(r.body FROM 1 FOR 8) AS tenant,
            nullif(substring(r.body FROM 9 FOR 8), '\x0000000000000000') AS namespace,
            convert_from(substring(r.body FROM 27 FOR get_byte(r.body, 25)), 'UTF8') AS metric,
            r.key,
            get_byte(r.body, 24) = 1 AS is_due,
            ('x' || encode(substring(r.body FROM 17 FOR 8), 'hex'))::bit(64)::bigint AS units,
            substring(r.body FROM 27 + get_byte(r.body, 25)) AS details
        FROM unnest(rider_usage.keys, rider_usage.bodies) AS r (key, body) ORDER BY 1, 3, 4
    LOOP
        rule := decision_gate.usage_rule(charge.tenant, charge.metric);
        inner_rule := rule;
        IF charge.namespace IS NOT NULL THEN
            inner_rule := decision_gate.usage_namespace_rule(charge.tenant, charge.namespace, charge.metric);
        END IF;
        IF charge.is_due THEN                                            -- consumed already: billed past any limit
            rule.units := NULL;
            inner_rule.units := NULL;
        END IF;
        -- The ledger first: a second one with this key waits here, then finds the row and moves no counter.
        INSERT INTO decision_gate.usage_ledger
            (tenant, metric, key, units, period, details, namespace, namespace_period)
        VALUES (charge.tenant, charge.metric, charge.key, charge.units, rule.period, charge.details, charge.namespace,
            CASE WHEN charge.namespace IS NOT NULL THEN inner_rule.period END)
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
        CONTINUE WHEN charge.namespace IS NULL;
        INSERT INTO decision_gate.usage_namespace_counters AS c (tenant, namespace, metric, period, used)
        SELECT charge.tenant, charge.namespace, charge.metric, inner_rule.period, charge.units
        WHERE inner_rule.units IS NULL OR charge.units <= inner_rule.units
        ON CONFLICT (tenant, namespace, metric, period) DO UPDATE SET used = c.used + EXCLUDED.used
        WHERE inner_rule.units IS NULL OR c.used + EXCLUDED.used <= inner_rule.units;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'DG001', MESSAGE = 'quota exceeded: ' || charge.metric, DETAIL = 'usage';
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION decision_gate.usage_ledger_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the usage ledger only grows';
END $$;

CREATE TRIGGER usage_ledger_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON decision_gate.usage_ledger
FOR EACH STATEMENT EXECUTE FUNCTION decision_gate.usage_ledger_grows();
