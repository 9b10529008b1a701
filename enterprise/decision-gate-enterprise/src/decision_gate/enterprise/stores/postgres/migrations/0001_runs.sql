-- Runs: a head that moves by compare-and-swap, and a log that only grows.
--
-- Numbers of 64 unsigned bits are 8 bytes big-endian, ids are their UTF-8 bytes, records are bytes: nothing is
-- interpreted, reordered or collated. The tenant leads every key, so the tables can be distributed by it.

CREATE TABLE decision_gate.runs (
    tenant      bytea NOT NULL CHECK (octet_length(tenant) = 8),
    namespace   bytea NOT NULL CHECK (octet_length(namespace) = 8),
    run_id      bytea NOT NULL,
    scenario_id bytea NOT NULL,
    status      text NOT NULL,
    version     bigint NOT NULL CHECK (version > 0),
    decided_at  bigint NOT NULL,                                     -- version of the last decision, 0 before the first
    saved_at    bigint NOT NULL,                                     -- milliseconds of this server's clock
    head        bytea NOT NULL,
    PRIMARY KEY (tenant, namespace, run_id)
) WITH (fillfactor = 50);                                            -- room for updates within the page (HOT)

-- Both hold columns that hardly ever change, so an append touches no index of this table.
CREATE INDEX runs_by_scenario ON decision_gate.runs (tenant, scenario_id, namespace, run_id);
CREATE INDEX runs_by_status ON decision_gate.runs (tenant, status, namespace, run_id);

-- One row a record. A commit is the rows of one version: its head (log 0, position 0), then its records in the order
-- that the digest binds.
CREATE TABLE decision_gate.run_log (
    tenant    bytea NOT NULL,
    namespace bytea NOT NULL,
    run_id    bytea NOT NULL,
    version   bigint NOT NULL,
    position  integer NOT NULL,
    log       smallint NOT NULL CHECK (log BETWEEN 0 AND 8),
    seq       bigint NOT NULL,
    key       bytea,                                                 -- trigger id of a decision, id of a submission
    sha256    bytea NOT NULL,                                        -- of the body as it was appended
    erased    bytea,                                                 -- sha256 of the tombstone, when erased
    body      bytea NOT NULL,
    PRIMARY KEY (tenant, namespace, run_id, version, position)
);
CREATE UNIQUE INDEX run_log_by_seq ON decision_gate.run_log (tenant, namespace, run_id, log, seq);
CREATE UNIQUE INDEX run_log_by_key ON decision_gate.run_log (tenant, namespace, run_id, log, key) WHERE key IS NOT NULL;

-- What was acknowledged is durable, whatever a database or role sets as its default.
CREATE FUNCTION decision_gate.be_durable() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
END $$;

-- Riders go to the function "rider_<kind>(keys, bodies)" of their kind, all of a kind at once and kinds in one order:
-- two transactions never wait for each other crosswise. A function refuses by raising DG001 (reason in the message).
CREATE FUNCTION decision_gate.apply_riders(kinds text[], keys bytea[], bodies bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    batch record;
BEGIN
    FOR batch IN
        SELECT r.kind, array_agg(r.key ORDER BY r.n) AS keys, array_agg(r.body ORDER BY r.n) AS bodies
        FROM unnest(apply_riders.kinds, apply_riders.keys, apply_riders.bodies) WITH ORDINALITY AS r (kind, key, body, n)
        GROUP BY r.kind ORDER BY r.kind
    LOOP
        EXECUTE format('SELECT decision_gate.%I($1, $2)', 'rider_' || batch.kind) USING batch.keys, batch.bodies;
    END LOOP;
END $$;

CREATE FUNCTION decision_gate.record_riders(kinds text[], keys bytea[], bodies bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM decision_gate.be_durable();
    PERFORM decision_gate.apply_riders(kinds, keys, bodies);
END $$;

CREATE FUNCTION decision_gate.now_ms() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

-- false: a run with this key exists. Without p_saved this server's clock counts.
CREATE FUNCTION decision_gate.create_run(
    p_tenant bytea, p_namespace bytea, p_run bytea, p_scenario bytea, p_status text, p_version bigint, p_decided bigint,
    p_head bytea, p_saved bigint, p_logs smallint[], p_seqs bigint[], p_keys bytea[], p_hashes bytea[], p_bodies bytea[],
    p_rider_kinds text[], p_rider_keys bytea[], p_rider_bodies bytea[]
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM decision_gate.be_durable();
    INSERT INTO decision_gate.runs (tenant, namespace, run_id, scenario_id, status, version, decided_at, saved_at, head)
    VALUES (p_tenant, p_namespace, p_run, p_scenario, p_status, p_version, p_decided,
        coalesce(p_saved, decision_gate.now_ms()), p_head)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO decision_gate.run_log (tenant, namespace, run_id, version, position, log, seq, key, sha256, body)
    SELECT p_tenant, p_namespace, p_run, p_version, r.n - 1, r.log, r.seq, r.key, r.sha256, r.body
    FROM unnest(p_logs, p_seqs, p_keys, p_hashes, p_bodies) WITH ORDINALITY AS r (log, seq, key, sha256, body, n);
    IF cardinality(p_rider_kinds) > 0 THEN
        PERFORM decision_gate.apply_riders(p_rider_kinds, p_rider_keys, p_rider_bodies);
    END IF;
    RETURN true;
END $$;

-- moved: the commit is applied; otherwise current is where the run stands, null when there is none.
CREATE FUNCTION decision_gate.append_run(
    p_tenant bytea, p_namespace bytea, p_run bytea, p_expected bigint, p_status text, p_version bigint, p_decided bigint,
    p_head bytea, p_saved bigint, p_logs smallint[], p_seqs bigint[], p_keys bytea[], p_hashes bytea[], p_bodies bytea[],
    p_rider_kinds text[], p_rider_keys bytea[], p_rider_bodies bytea[],
    OUT moved boolean, OUT current bytea
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM decision_gate.be_durable();
    -- The swap comes first: it waits for whoever holds the run and then sees the newest version, so that a loser writes
    -- nothing and reads the winner's head below.
    UPDATE decision_gate.runs r
    SET status = p_status, version = p_version, decided_at = p_decided, head = p_head,
        saved_at = coalesce(p_saved, decision_gate.now_ms())
    WHERE r.tenant = p_tenant AND r.namespace = p_namespace AND r.run_id = p_run AND r.version = p_expected;
    moved := FOUND;
    IF NOT moved THEN
        SELECT r.head INTO current FROM decision_gate.runs r
        WHERE r.tenant = p_tenant AND r.namespace = p_namespace AND r.run_id = p_run;
        RETURN;
    END IF;
    INSERT INTO decision_gate.run_log (tenant, namespace, run_id, version, position, log, seq, key, sha256, body)
    SELECT p_tenant, p_namespace, p_run, p_version, r.n - 1, r.log, r.seq, r.key, r.sha256, r.body
    FROM unnest(p_logs, p_seqs, p_keys, p_hashes, p_bodies) WITH ORDINALITY AS r (log, seq, key, sha256, body, n);
    IF cardinality(p_rider_kinds) > 0 THEN
        PERFORM decision_gate.apply_riders(p_rider_kinds, p_rider_keys, p_rider_bodies);
    END IF;
END $$;

-- null: done; 0: there is no such run; n: the n-th record is not there and nothing is erased.
CREATE FUNCTION decision_gate.erase_records(
    p_tenant bytea, p_namespace bytea, p_run bytea, p_logs smallint[], p_seqs bigint[], p_tombstone bytea, p_sha256 bytea
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    missing bigint;
BEGIN
    PERFORM decision_gate.be_durable();
    IF NOT EXISTS (SELECT FROM decision_gate.runs r WHERE (r.tenant, r.namespace, r.run_id) = (p_tenant, p_namespace, p_run)) THEN
        RETURN 0;
    END IF;
    -- Records are never removed, so what is there now is there below.
    SELECT min(wanted.n) INTO missing FROM unnest(p_logs, p_seqs) WITH ORDINALITY AS wanted (log, seq, n)
    WHERE NOT EXISTS (
        SELECT FROM decision_gate.run_log l
        WHERE l.tenant = p_tenant AND l.namespace = p_namespace AND l.run_id = p_run
        AND l.log = wanted.log AND l.seq = wanted.seq
    );
    IF missing IS NOT NULL THEN
        RETURN missing;
    END IF;
    UPDATE decision_gate.run_log l SET body = p_tombstone, erased = p_sha256
    FROM unnest(p_logs, p_seqs) AS wanted (log, seq)
    WHERE l.tenant = p_tenant AND l.namespace = p_namespace AND l.run_id = p_run
    AND l.log = wanted.log AND l.seq = wanted.seq;
    RETURN NULL;
END $$;
