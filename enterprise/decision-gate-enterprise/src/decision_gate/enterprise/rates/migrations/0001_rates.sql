-- Arrival times of the generic cell rate algorithm (see gcra.py), in microseconds of this server's clock. Unlogged: what a
-- crash forgets is a burst at most, and no request waits for the disk.

CREATE UNLOGGED TABLE decision_gate.rates (
    tenant  bytea NOT NULL DEFAULT '',                               -- leads every key; empty: of no tenant
    bucket  text NOT NULL,
    key     bytea NOT NULL,
    arrival bigint NOT NULL,
    PRIMARY KEY (tenant, bucket, key)
) WITH (fillfactor = 50);

-- null: admitted; else microseconds until it would be.
CREATE FUNCTION decision_gate.check_rate(p_tenant bytea, p_bucket text, p_key bytea, p_interval bigint, p_tolerance bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    now_us bigint := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
    kept bigint;
BEGIN
    -- The condition is judged on the newest arrival, under its lock.
    INSERT INTO decision_gate.rates AS r (tenant, bucket, key, arrival)
    VALUES (p_tenant, p_bucket, p_key, now_us + p_interval)
    ON CONFLICT (tenant, bucket, key) DO UPDATE SET arrival = greatest(r.arrival, now_us) + p_interval
    WHERE greatest(r.arrival, now_us) + p_interval - p_tolerance <= now_us;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    SELECT r.arrival INTO kept FROM decision_gate.rates r
    WHERE r.tenant = p_tenant AND r.bucket = p_bucket AND r.key = p_key;
    RETURN greatest(greatest(kept, now_us) + p_interval - p_tolerance - now_us, 1);
END $$;

-- Callers whose arrival time has passed are as good as new.
CREATE FUNCTION decision_gate.forget_rates() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    gone bigint;
BEGIN
    DELETE FROM decision_gate.rates WHERE arrival < (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;
