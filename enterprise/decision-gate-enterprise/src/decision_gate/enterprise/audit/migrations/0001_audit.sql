-- The audit log: an outbox that commits fill, and Merkle logs that one sequencer at a time extends from it.
-- A log is named by the eight bytes of its tenant's number (zero: what belongs to no tenant) or, the log over all logs,
-- by 'root'. Entries, tiles and notes are bytes in the formats of RFC 6962 and C2SP; docs/explanation/audit-log.md.

CREATE TABLE decision_gate.audit_outbox (
    log  bytea NOT NULL CHECK (octet_length(log) = 8),
    seq  bigint GENERATED ALWAYS AS IDENTITY,
    key  bytea NOT NULL,
    leaf bytea NOT NULL,
    PRIMARY KEY (log, seq)
-- Every row is deleted soon: the dead must not wait for a share of a table that is nearly empty.
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

CREATE TABLE decision_gate.audit_logs (
    log  bytea PRIMARY KEY,
    size bigint NOT NULL CHECK (size > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note bytea NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE decision_gate.audit_leaves (
    log     bytea NOT NULL,
    idx     bigint NOT NULL CHECK (idx >= 0),
    key     bytea,                                                   -- null once erased, as salt and body
    entry   bytea NOT NULL CHECK (octet_length(entry) <= 65535),
    salt    bytea,
    body    bytea,
    class   text NOT NULL,
    time    bigint NOT NULL,
    subject bytea,
    PRIMARY KEY (log, idx)
);
CREATE UNIQUE INDEX audit_leaves_by_key ON decision_gate.audit_leaves (log, key) WHERE key IS NOT NULL;
CREATE INDEX audit_leaves_by_subject ON decision_gate.audit_leaves (log, subject, idx) WHERE subject IS NOT NULL;
CREATE INDEX audit_leaves_due ON decision_gate.audit_leaves (log, class, time) WHERE body IS NOT NULL;

CREATE TABLE decision_gate.audit_tiles (
    log    bytea NOT NULL,
    level  smallint NOT NULL,
    n      bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (log, level, n)
);
ALTER TABLE decision_gate.audit_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;  -- hashes do not shrink

CREATE TABLE decision_gate.audit_holds (
    log     bytea NOT NULL,
    subject bytea NOT NULL,                                          -- empty: the whole log
    PRIMARY KEY (log, subject)
);

-- In plpgsql, which keeps its plan; a function in SQL is planned again at every call.
CREATE FUNCTION decision_gate.rider_audit(keys bytea[], bodies bytea[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN 1 .. cardinality(bodies) LOOP
        INSERT INTO decision_gate.audit_outbox (log, key, leaf)
        VALUES (
            substring(bodies[n] FROM 1 FOR 8), decode(convert_from(keys[n], 'UTF8'), 'hex'), substring(bodies[n] FROM 9)
        );
    END LOOP;
END $$;

-- Whether no hold protects what is found by p_subject in a log.
CREATE FUNCTION decision_gate.audit_may_forget(p_log bytea, p_subject bytea) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM decision_gate.audit_holds h
        WHERE h.log = p_log AND (h.subject = ''::bytea OR h.subject = p_subject)
    )
$$;

-- Extends logs by leaves and tiles and empties the outbox of what got a place. false: a log has another size than
-- p_before says, and nothing is written.
CREATE FUNCTION decision_gate.audit_place(
    p_logs bytea[], p_before bigint[], p_sizes bigint[], p_roots bytea[], p_notes bytea[],
    l_logs bytea[], l_idx bigint[], l_keys bytea[], l_entries bytea[], l_salts bytea[], l_bodies bytea[],
    l_classes text[], l_times bigint[], l_subjects bytea[],
    t_logs bytea[], t_levels smallint[], t_numbers bigint[], t_hashes bytea[],
    o_logs bytea[], o_seqs bigint[]
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM decision_gate.be_durable();
    -- "audit": one round of sequencing at a time; the next one sees what this one wrote.
    PERFORM pg_advisory_xact_lock(x'6175646974'::bigint);
    IF EXISTS (
        SELECT FROM unnest(p_logs, p_before) AS g (log, before)
        LEFT JOIN decision_gate.audit_logs a ON a.log = g.log WHERE coalesce(a.size, 0) <> g.before
    ) THEN
        RETURN false;
    END IF;
    INSERT INTO decision_gate.audit_leaves (log, idx, key, entry, salt, body, class, time, subject)
    SELECT * FROM unnest(l_logs, l_idx, l_keys, l_entries, l_salts, l_bodies, l_classes, l_times, l_subjects);
    INSERT INTO decision_gate.audit_tiles AS t (log, level, n, hashes)
    SELECT * FROM unnest(t_logs, t_levels, t_numbers, t_hashes)
    ON CONFLICT (log, level, n) DO UPDATE SET hashes = excluded.hashes;
    INSERT INTO decision_gate.audit_logs AS a (log, size, root, note)
    SELECT * FROM unnest(p_logs, p_sizes, p_roots, p_notes)
    ON CONFLICT (log) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note;
    DELETE FROM decision_gate.audit_outbox o USING unnest(o_logs, o_seqs) AS taken (log, seq)
    WHERE o.log = taken.log AND o.seq = taken.seq;
    RETURN true;
END $$;
