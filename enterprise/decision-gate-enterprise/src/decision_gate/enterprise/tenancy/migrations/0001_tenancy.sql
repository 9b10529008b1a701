-- Who there is and what they may: organisation > tenant > namespace, principals, and grants of principals in tenants.
--
-- Numbers are 8 bytes big-endian, principals are the UTF-8 bytes of their ids, times are Unix milliseconds, lists are
-- canonical JSON. States: active, suspended, closing, deleted; a row is never removed, so a number is never used twice.

CREATE TABLE decision_gate.orgs (
    org          bytea NOT NULL CHECK (octet_length(org) = 8),
    name         text NOT NULL UNIQUE,
    state        text NOT NULL,
    created_at   bigint NOT NULL,
    changed_at   bigint NOT NULL,
    retain_until bigint,                                             -- set while closing: not deleted before
    PRIMARY KEY (org)
);

CREATE TABLE decision_gate.tenants (
    tenant       bytea NOT NULL CHECK (octet_length(tenant) = 8),
    org          bytea NOT NULL REFERENCES decision_gate.orgs,
    name         text NOT NULL,
    state        text NOT NULL,
    created_at   bigint NOT NULL,
    changed_at   bigint NOT NULL,
    retain_until bigint,
    legal_hold   bigint NOT NULL,                                    -- 1: not deleted whatever retention says
    PRIMARY KEY (tenant),
    UNIQUE (org, name)
);

CREATE TABLE decision_gate.namespaces (
    tenant       bytea NOT NULL REFERENCES decision_gate.tenants,
    namespace    bytea NOT NULL CHECK (octet_length(namespace) = 8),
    name         text NOT NULL,
    state        text NOT NULL,
    created_at   bigint NOT NULL,
    changed_at   bigint NOT NULL,
    retain_until bigint,
    PRIMARY KEY (tenant, namespace),
    UNIQUE (tenant, name)
);

CREATE TABLE decision_gate.principals (
    principal    bytea NOT NULL,
    tenant       bytea NOT NULL REFERENCES decision_gate.tenants,    -- who is billed when a call names no tenant
    name         text NOT NULL,
    state        text NOT NULL,
    roles        text NOT NULL,                                      -- held in the whole deployment
    policy_class text,
    created_at   bigint NOT NULL,
    changed_at   bigint NOT NULL,
    PRIMARY KEY (principal)
);
CREATE INDEX principals_by_tenant ON decision_gate.principals (tenant, principal);

CREATE TABLE decision_gate.grants (
    tenant       bytea NOT NULL REFERENCES decision_gate.tenants,
    principal    bytea NOT NULL REFERENCES decision_gate.principals,
    scope        bytea NOT NULL CHECK (octet_length(scope) IN (0, 8)),  -- a namespace; empty for all of the tenant
    roles        text NOT NULL,
    tools        text,                                               -- null: what the roles allow
    PRIMARY KEY (tenant, principal, scope)
);
-- Whose principal somebody is must be found before any tenant is known.
CREATE INDEX grants_by_principal ON decision_gate.grants (principal, tenant, scope);
