-- Data shapes: immutable versions of schemas as canonical records.

CREATE TABLE decision_gate.data_shapes (
    tenant    bytea NOT NULL CHECK (octet_length(tenant) = 8),
    namespace bytea NOT NULL CHECK (octet_length(namespace) = 8),
    schema_id bytea NOT NULL,
    version   bytea NOT NULL,
    record    bytea NOT NULL,
    PRIMARY KEY (tenant, namespace, schema_id, version)
);

-- How many shapes a namespace holds (counting the rows would let two racers past the limit) and its largest schema.
CREATE TABLE decision_gate.data_shape_counts (
    tenant    bytea NOT NULL,
    namespace bytea NOT NULL,
    entries   bigint NOT NULL,
    largest   integer NOT NULL,
    PRIMARY KEY (tenant, namespace)
);

-- Not registered: the namespace holds held >= p_max entries, or else the version is there already.
CREATE FUNCTION decision_gate.register_data_shape(
    p_tenant bytea, p_namespace bytea, p_schema bytea, p_version bytea, p_bytes integer, p_record bytea, p_max bigint,
    p_rider_kinds text[], p_rider_keys bytea[], p_rider_bodies bytea[],
    OUT registered boolean, OUT held bigint
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM decision_gate.be_durable();
    registered := false;
    INSERT INTO decision_gate.data_shape_counts (tenant, namespace, entries, largest) VALUES (p_tenant, p_namespace, 0, 0)
    ON CONFLICT DO NOTHING;
    SELECT c.entries INTO held FROM decision_gate.data_shape_counts c
    WHERE c.tenant = p_tenant AND c.namespace = p_namespace FOR UPDATE;
    IF held >= p_max THEN
        RETURN;
    END IF;
    INSERT INTO decision_gate.data_shapes (tenant, namespace, schema_id, version, record)
    VALUES (p_tenant, p_namespace, p_schema, p_version, p_record) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE decision_gate.data_shape_counts c SET entries = c.entries + 1, largest = greatest(c.largest, p_bytes)
    WHERE c.tenant = p_tenant AND c.namespace = p_namespace;
    PERFORM decision_gate.apply_riders(p_rider_kinds, p_rider_keys, p_rider_bodies);
    registered := true;
END $$;
