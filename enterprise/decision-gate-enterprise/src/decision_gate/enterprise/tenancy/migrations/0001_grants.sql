-- What a principal may do in a tenant: all namespaces (null), or those listed, 8 bytes big-endian each.

CREATE TABLE decision_gate.grants (
    tenant     bytea NOT NULL CHECK (octet_length(tenant) = 8),
    principal  bytea NOT NULL,
    namespaces bytea[],
    PRIMARY KEY (tenant, principal)
);
-- The one index without a tenant in front: whose principal somebody is must be found before any tenant is known.
CREATE INDEX grants_by_principal ON decision_gate.grants (principal);
