-- Scenario definitions: immutable versions by content hash, and a pointer to the current one.
-- The owner is a tenant number, or eight zero bytes for a scenario that belongs to nobody.

CREATE TABLE decision_gate.scenario_versions (
    owner        bytea NOT NULL CHECK (octet_length(owner) = 8),
    namespace    bytea NOT NULL CHECK (octet_length(namespace) = 8),
    scenario_id  bytea NOT NULL,
    spec_hash    bytea NOT NULL,
    spec_version bytea NOT NULL,
    body         bytea NOT NULL,
    PRIMARY KEY (owner, namespace, scenario_id, spec_hash)
);

CREATE TABLE decision_gate.scenarios (
    owner       bytea NOT NULL,
    namespace   bytea NOT NULL,
    scenario_id bytea NOT NULL,
    spec_hash   bytea NOT NULL,
    PRIMARY KEY (owner, namespace, scenario_id),
    FOREIGN KEY (owner, namespace, scenario_id, spec_hash) REFERENCES decision_gate.scenario_versions
);

-- Returns the hash that the scenario points to already, null when this call defined it.
CREATE FUNCTION decision_gate.define_scenario(
    p_owner bytea, p_namespace bytea, p_scenario bytea, p_hash bytea, p_version bytea, p_body bytea,
    p_rider_kinds text[], p_rider_keys bytea[], p_rider_bodies bytea[]
) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    taken bytea;
BEGIN
    PERFORM decision_gate.be_durable();
    -- Racers of one key wait here for the first, then find its pointer: only one of them inserts.
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(p_owner || p_namespace || p_scenario, 'hex'), 0));
    SELECT s.spec_hash INTO taken FROM decision_gate.scenarios s
    WHERE s.owner = p_owner AND s.namespace = p_namespace AND s.scenario_id = p_scenario;
    IF FOUND THEN
        RETURN taken;
    END IF;
    PERFORM decision_gate.point_to_scenario(p_owner, p_namespace, p_scenario, p_hash, p_version, p_body);
    PERFORM decision_gate.apply_riders(p_rider_kinds, p_rider_keys, p_rider_bodies);
    RETURN NULL;
END $$;

CREATE FUNCTION decision_gate.publish_scenario(
    p_owner bytea, p_namespace bytea, p_scenario bytea, p_hash bytea, p_version bytea, p_body bytea,
    p_rider_kinds text[], p_rider_keys bytea[], p_rider_bodies bytea[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM decision_gate.be_durable();
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(p_owner || p_namespace || p_scenario, 'hex'), 0));
    PERFORM decision_gate.point_to_scenario(p_owner, p_namespace, p_scenario, p_hash, p_version, p_body);
    PERFORM decision_gate.apply_riders(p_rider_kinds, p_rider_keys, p_rider_bodies);
END $$;

CREATE FUNCTION decision_gate.point_to_scenario(
    p_owner bytea, p_namespace bytea, p_scenario bytea, p_hash bytea, p_version bytea, p_body bytea
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO decision_gate.scenario_versions (owner, namespace, scenario_id, spec_hash, spec_version, body)
    VALUES (p_owner, p_namespace, p_scenario, p_hash, p_version, p_body) ON CONFLICT DO NOTHING;
    INSERT INTO decision_gate.scenarios (owner, namespace, scenario_id, spec_hash)
    VALUES (p_owner, p_namespace, p_scenario, p_hash)
    ON CONFLICT (owner, namespace, scenario_id) DO UPDATE SET spec_hash = EXCLUDED.spec_hash;
END $$;
