-- Answers to requests of administration that came with an idempotency key. A secret in an answer is sealed under a key
-- that the database does not have, and forgotten after a day; the row stays, so that nothing is ever made twice.

CREATE TABLE decision_gate.admin_requests (
    actor          bytea NOT NULL,
    key_sha256     bytea NOT NULL,
    request_sha256 bytea NOT NULL,
    answer         bytea NOT NULL,
    sealed         bytea,
    created_at     bigint NOT NULL,
    PRIMARY KEY (actor, key_sha256)
);
CREATE INDEX admin_requests_sealed ON decision_gate.admin_requests (created_at) WHERE sealed IS NOT NULL;
