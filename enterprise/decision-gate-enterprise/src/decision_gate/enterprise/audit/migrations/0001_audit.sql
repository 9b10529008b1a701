-- One chain of leaves a tenant; the chain of eight zero bytes holds what belongs to no tenant.
-- hash = sha256(previous || tenant || seq || sha256(body)), numbers of 8 bytes big-endian.

CREATE TABLE decision_gate.audit_chains (
    tenant bytea NOT NULL CHECK (octet_length(tenant) = 8),
    seq    bigint NOT NULL,
    hash   bytea NOT NULL,
    PRIMARY KEY (tenant)
) WITH (fillfactor = 50);

CREATE TABLE decision_gate.audit_leaves (
    tenant      bytea NOT NULL CHECK (octet_length(tenant) = 8),
    seq         bigint NOT NULL,
    key         bytea NOT NULL,
    body_sha256 bytea NOT NULL,
    hash        bytea NOT NULL,
    body        bytea,                                               -- null once erased
    PRIMARY KEY (tenant, seq)
);
CREATE UNIQUE INDEX audit_leaves_by_key ON decision_gate.audit_leaves (tenant, key);

CREATE FUNCTION decision_gate.rider_audit(keys bytea[], bodies bytea[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    event record;
    last record;
    body_hash bytea;
BEGIN
    -- Chains in one order, events of a chain in theirs.
    FOR event IN
        SELECT substring(r.body FROM 1 FOR 8) AS tenant, r.key,
            substring(r.body FROM 9) AS body
        FROM unnest(rider_audit.keys, rider_audit.bodies) WITH ORDINALITY AS r (key, body, n) ORDER BY 1, r.n
    LOOP
        INSERT INTO decision_gate.audit_chains (tenant, seq, hash)
        VALUES (event.tenant, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;
        -- Whoever holds this row appends; the next one waits for its commit.
        SELECT c.seq + 1 AS seq, c.hash INTO last FROM decision_gate.audit_chains c
        WHERE c.tenant = event.tenant FOR UPDATE;
        CONTINUE WHEN EXISTS (
            SELECT FROM decision_gate.audit_leaves l WHERE l.tenant = event.tenant AND l.key = event.key
        );
        body_hash := sha256(event.body);
        last.hash := sha256(last.hash || event.tenant || int8send(last.seq) || body_hash);
        INSERT INTO decision_gate.audit_leaves (tenant, seq, key, body_sha256, hash, body)
        VALUES (event.tenant, last.seq, event.key, body_hash, last.hash, event.body);
        UPDATE decision_gate.audit_chains c SET seq = last.seq, hash = last.hash WHERE c.tenant = event.tenant;
    END LOOP;
END $$;
