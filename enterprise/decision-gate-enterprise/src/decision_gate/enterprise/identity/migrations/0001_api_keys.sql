-- API keys: what is kept of a secret is its argon2id hash; the key's id in front of it finds the row.
--
-- A rotation is a new key and an end of the old one; both work while they overlap. Times are Unix milliseconds, lists
-- are canonical JSON, null lists do not narrow.

CREATE TABLE decision_gate.api_keys (
    key_id       text NOT NULL,
    tenant       bytea NOT NULL REFERENCES decision_gate.tenants,
    principal    bytea NOT NULL REFERENCES decision_gate.principals,
    label        text NOT NULL,
    environment  text NOT NULL,
    hash         text NOT NULL,
    is_spanning  bigint NOT NULL,                                    -- 1: acts in every tenant of its principal
    namespaces   text,
    tools        text,
    created_at   bigint NOT NULL,
    expires_at   bigint,
    revoked_at   bigint,
    replaced_by  text,
    last_used_at bigint,
    PRIMARY KEY (key_id)                                             -- found before any tenant is known
);
CREATE INDEX api_keys_by_tenant ON decision_gate.api_keys (tenant, key_id);
