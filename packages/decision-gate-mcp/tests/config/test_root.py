"""The whole file: what is refused, in which words, in which order (contract §3.2, §3.3, deviation X11)."""

import pytest

from decision_gate.mcp.config.time import TimeSource

HTTP = '[server]\ntransport = "http"\nbind = "127.0.0.1:4000"\n'
BEARER = HTTP + '[server.auth]\nmode = "bearer_token"\nbearer_tokens = ["t"]\n'


def test_an_empty_file_is_a_valid_configuration_without_providers(parsed):
    config = parsed("")
    config.check()

    assert config.providers == ()
    assert config.is_local_only
    assert config.time_source is TimeSource.CALLER


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[server]\nmax_body_byts = 1", "unknown key `max_body_byts` in [server] (did you mean `max_body_bytes`?)"),
        ("[servr]\n", "unknown key `servr` in the file (did you mean `server`?)"),
        ("[server.limits]\nzzz = 1", "unknown key `zzz` in [server.limits]"),
        ("[server]\nmax_body_bytes = -1", "server.max_body_bytes: expected an integer from 0 up, found -1"),
        ('[server]\nmax_body_bytes = "1"', "server.max_body_bytes: expected an integer, found a string"),
        ("[server]\nmax_body_bytes = true", "server.max_body_bytes: expected an integer, found a boolean"),
        ('[server]\ntransport = "htp"', "(did you mean `http`?)"),
        ("[[providers]]\nname = 'x'", "providers[0].type: missing field `type`"),
        (
            "[server.auth]\nbearer_tokens = [{ env = 'A', file = 'B' }]",
            "server.auth.bearer_tokens[0]: expected a string",
        ),
        ("[namespace]\ndefault_tenants = [0]", "namespace.default_tenants[0]: expected an integer from 1 up, found 0"),
        ("[run_state_store]\ntype = 'postgress'", "nothing offers decision_gate.run_stores `postgress`"),
        ("[usage_meter]\ntype = 'none'\nrate = 1", "unknown key `rate` in [usage_meter]"),
        ("[usage_meter]\n", "usage_meter: missing field `type`"),
    ],
)
def test_a_wrong_shape_is_refused_with_its_place(refusal, text, message):
    assert message in refusal(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[server]\nmax_body_bytes = 0", "max_body_bytes must be greater than zero"),
        ("[server.limits]\nmax_inflight = 0", "max_inflight must be greater than zero"),
        (
            "[server.limits.rate_limit]\nmax_requests = 0",
            "rate_limit max_requests must be greater than zero",
        ),
        ("[server.limits.rate_limit]\nmax_requests = 100001", "rate_limit max_requests too large"),
        ("[server.limits.rate_limit]\nwindow_ms = 99", "rate_limit window_ms must be between 100 and 60000"),
        ("[server.limits.rate_limit]\nwindow_ms = 60001", "rate_limit window_ms must be between 100 and 60000"),
        ("[server.limits.rate_limit]\nmax_entries = 0", "rate_limit max_entries must be greater than zero"),
        ("[server.limits.rate_limit]\nmax_entries = 65537", "rate_limit max_entries too large"),
        ("[server]\ntransport = 'http'", "http/sse transport requires bind address"),
        ("[server]\ntransport = 'sse'\nbind = '  '", "http/sse transport requires bind address"),
        ("[server]\ntransport = 'http'\nbind = 'localhost:1'", "invalid bind address"),
        ("[server]\ntransport = 'http'\nbind = '127.0.0.1:65536'", "invalid bind address"),
        ("[server]\ntransport = 'http'\nbind = '::1:1'", "invalid bind address"),
        (
            "[server]\ntransport = 'http'\nbind = '0.0.0.0:1'",
            "non-loopback bind disallowed without auth policy",
        ),
        (
            "[server]\ntransport = 'http'\nbind = '[::ffff:127.0.0.1]:1'",
            "non-loopback bind disallowed without auth policy",
        ),
        (
            "[server.auth]\nmode = 'bearer_token'\nbearer_tokens = ['t']",
            "stdio transport only supports local_only auth",
        ),
        ("[server.tls]\ncert_path = 'a'\nkey_path = 'b'", "stdio transport does not support tls"),
        (HTTP + "[server.tls]\ncert_path = ' '\nkey_path = 'b'", "tls.cert_path must be non-empty"),
        (HTTP + f"[server.tls]\ncert_path = 'a'\nkey_path = '{'x' * 256}'", "tls.key_path path component too long"),
        (HTTP + f"[server.audit]\npath = '{'x/' * 2049}'", "audit.path exceeds max length"),
        (HTTP + "[server.auth]\nmode = 'bearer_token'", "bearer_token auth requires bearer_tokens"),
        (HTTP + "[server.auth]\nmode = 'mtls'", "mtls auth requires mtls_subjects"),
        (HTTP + f"[server.auth]\nbearer_tokens = {['t'] * 65}", "too many auth tokens"),
        (HTTP + "[server.auth]\nbearer_tokens = [' ']", "auth token must be non-empty"),
        (HTTP + f"[server.auth]\nbearer_tokens = ['{'x' * 257}']", "auth token too long"),
        (HTTP + "[server.auth]\nbearer_tokens = ['t ']", "auth token must not contain whitespace"),
        (HTTP + f"[server.auth]\nmtls_subjects = {['s'] * 65}", "too many mTLS subjects"),
        (HTTP + "[server.auth]\nmtls_subjects = ['']", "mTLS subject must be non-empty"),
        (HTTP + f"[server.auth]\nmtls_subjects = ['{'x' * 513}']", "mTLS subject too long"),
        (HTTP + f"[server.auth]\nallowed_tools = {['precheck'] * 129}", "too many tool allowlist entries"),
        (HTTP + "[server.auth]\nallowed_tools = ['nope']", "unknown tool in allowlist: nope"),
        (HTTP + "[[server.auth.principals]]\nsubject = ' '", "auth.principals.subject must be non-empty"),
        (
            HTTP + "[[server.auth.principals]]\nsubject = 's'\npolicy_class = ''",
            "auth.principals.policy_class must be non-empty",
        ),
        (
            HTTP + "[[server.auth.principals]]\nsubject = 's'\nroles = [{ name = '' }]",
            "auth.principals.roles.name must be non-empty",
        ),
        (
            HTTP + "[[server.auth.principals]]\nsubject = 's'\nallowed_tools = ['nope']",
            "unknown tool in allowlist: nope",
        ),
        ("[server.feedback.scenario_next]\ndefault = 'evidence'", "server.feedback.scenario_next.default exceeds max"),
        (
            "[server.feedback.scenario_next]\nmax = 'summary'",
            "server.feedback.scenario_next.local_only_default exceeds max",
        ),
        ("[server.tools]\ndenylist = ['']", "server.tools allowlist/denylist entries must be non-empty"),
        ("[server.tools]\nallowlist = ['nope']", "unknown tool in server.tools list: nope"),
        ("[namespace]\nallow_default = true", "namespace.allow_default requires namespace.default_tenants"),
        (
            "[namespace.authority.assetcore]\nbase_url = 'x'",
            "namespace.authority.assetcore only allowed when mode=assetcore_http",
        ),
        (
            "[namespace.authority]\nmode = 'assetcore_http'",
            "namespace.authority.mode=assetcore_http requires namespace.authority.assetcore",
        ),
        (
            "[namespace.authority]\nmode = 'assetcore_http'\nassetcore = { base_url = ' ' }",
            "namespace.authority.assetcore.base_url is required",
        ),
        (
            "[namespace.authority]\nmode = 'assetcore_http'\nassetcore = { base_url = 'x', auth_token = '' }",
            "namespace.authority.assetcore.auth_token must be non-empty",
        ),
        (
            "[namespace.authority]\nmode = 'assetcore_http'\nassetcore = { base_url = 'x', connect_timeout_ms = 99 }",
            "namespace.authority.assetcore.connect_timeout_ms must be between 100 and 10000 milliseconds",
        ),
        (
            "[namespace.authority]\nmode = 'assetcore_http'\nassetcore = { base_url='x', request_timeout_ms = 30001 }",
            "namespace.authority.assetcore.request_timeout_ms must be between 500 and 30000 milliseconds",
        ),
        ("[dev]\npermissive_ttl_days = 0", "dev.permissive_ttl_days must be greater than zero"),
        (
            "[dev]\npermissive = true\n[namespace.authority]\nmode = 'assetcore_http'\nassetcore = { base_url = 'x' }",
            "dev.permissive not allowed when namespace.authority.mode=assetcore_http",
        ),
        ("[validation]\nstrict = false", "validation.strict=false requires validation.allow_permissive=true"),
        ("[policy]\nengine = 'static'", "policy.engine=static requires policy.static"),
        ("[policy.static]\n", "policy.static only allowed when engine=static"),
        (
            "[policy]\nengine = 'static'\nstatic = { default = 'error' }",
            "static policy default must be permit or deny",
        ),
        (
            "[policy]\nengine = 'static'\n[[policy.static.rules]]\neffect = 'permit'",
            "policy.rules[0]: rule must include at least one match criterion",
        ),
        (
            "[policy]\nengine = 'static'\n[[policy.static.rules]]\neffect = 'error'\nstage_ids = ['s']",
            "policy.rules[0]: error effect requires error_message",
        ),
        (
            (
                "[policy]\nengine = 'static'\n[[policy.static.rules]]\neffect = 'deny'\n"
                "targets = [{ target_kind = 'external', target_id = 'x' }]"
            ),
            "policy.rules[0]: targets[0]: external target must not set target_id",
        ),
        (
            (
                "[policy]\nengine = 'static'\n[[policy.static.rules]]\neffect = 'deny'\n"
                "targets = [{ target_kind = 'agent', system = 'x' }]"
            ),
            "policy.rules[0]: targets[0]: non-external targets must not set system/target",
        ),
        (
            (
                "[policy]\nengine = 'static'\n[[policy.static.rules]]\neffect = 'deny'\n"
                "targets = [{ target_kind = 'external' }]"
            ),
            "policy.rules[0]: targets[0]: external target requires system or target",
        ),
        ("[run_state_store]\npath = 'x'", "memory run_state_store must not set path"),
        ("[run_state_store]\ntype = 'sqlite'", "sqlite run_state_store requires path"),
        (
            f"[run_state_store]\ntype = 'sqlite'\npath = '{'x' * 256}'",
            "run_state_store path component too long",
        ),
        (
            "[run_state_store]\ntype = 'sqlite'\npath = 'x'\nmax_versions = 0",
            "run_state_store max_versions must be greater than zero",
        ),
        ("[schema_registry]\npath = 'x'", "memory schema_registry must not set path"),
        ("[schema_registry]\ntype = 'sqlite'", "sqlite schema_registry requires path"),
        (
            f"[schema_registry]\ntype = 'sqlite'\npath = '{'x/' * 2049}'",
            "run_state_store path exceeds max length",
        ),
        ("[schema_registry]\nmax_schema_bytes = 0", "schema_registry max_schema_bytes out of range"),
        ("[schema_registry]\nmax_schema_bytes = 10485761", "schema_registry max_schema_bytes out of range"),
        ("[schema_registry]\nmax_entries = 0", "schema_registry max_entries must be greater than zero"),
        (
            "[[schema_registry.acl.rules]]\neffect = 'allow'\nsubjects = [' ']",
            "schema_registry.acl.rules.subjects must be non-empty",
        ),
        (
            "[[anchors.providers]]\nprovider_id = ''\nanchor_type = 'a'\nrequired_fields = ['f']",
            "anchors.providers.provider_id must be non-empty",
        ),
        (
            "[[anchors.providers]]\nprovider_id = ' p'\nanchor_type = 'a'\nrequired_fields = ['f']",
            "anchors.providers.provider_id must be trimmed",
        ),
        (
            "[[anchors.providers]]\nprovider_id = 'p'\nanchor_type = ' '\nrequired_fields = ['f']",
            "anchors.providers.anchor_type must be non-empty",
        ),
        (
            "[[anchors.providers]]\nprovider_id = 'p'\nanchor_type = 'a'\nrequired_fields = [' ']",
            "anchors.providers.required_fields must be non-empty",
        ),
        (
            "[[anchors.providers]]\nprovider_id = 'p'\nanchor_type = 'a'\nrequired_fields = ['f']\n" * 2,
            "duplicate anchors.providers.provider_id: p",
        ),
        ("[provider_discovery]\nallowlist = ['']", "provider_discovery allow/deny entries must be non-empty"),
        ("[provider_discovery]\nmax_response_bytes = 0", "provider_discovery.max_response_bytes must be > 0"),
        (f"[docs]\nextra_paths = {['p'] * 65}", "docs.extra_paths too many entries"),
        ("[docs]\nmax_doc_bytes = 1048577", "docs.max_doc_bytes out of range"),
        ("[docs]\nmax_sections = 11", "docs.max_sections out of range"),
        ("[docs]\nmax_docs = 0", "docs.max_docs out of range"),
        (
            "[runpack_storage]\ntype = 'object_store'\nprovider = 's3'\nbucket = ' '",
            "runpack_storage.bucket must be set",
        ),
        (
            "[runpack_storage]\ntype = 'object_store'\nprovider = 's3'\nbucket = 'b'\nendpoint = 'x'",
            "runpack_storage.endpoint must include http:// or https://",
        ),
        (
            "[runpack_storage]\ntype = 'object_store'\nprovider = 's3'\nbucket = 'b'\nendpoint = 'http://x'",
            "runpack_storage.endpoint uses http:// without allow_http",
        ),
        (
            "[runpack_storage]\ntype = 'object_store'\nprovider = 's3'\nbucket = 'b'\nprefix = '/x'",
            "runpack_storage.prefix must be relative",
        ),
        (
            "[runpack_storage]\ntype = 'object_store'\nprovider = 's3'\nbucket = 'b'\nprefix = 'a\\\\b'",
            "runpack_storage.prefix must not contain backslashes",
        ),
        (
            "[runpack_storage]\ntype = 'object_store'\nprovider = 's3'\nbucket = 'b'\nprefix = 'a/../b'",
            "runpack_storage.prefix must be relative without traversal",
        ),
        ("[runpacks]\nroots = ['']", "runpacks.roots must be non-empty"),
        ("[triggers]\nclock_roles = [' ']", "triggers.clock_roles entries must be non-empty"),
        ("[[providers]]\nname = ''\ntype = 'builtin'", "provider name is empty"),
        ("[[providers]]\nname = ' time'\ntype = 'builtin'", "provider name must be trimmed"),
        (
            "[[providers]]\nname = 'time'\ntype = 'builtin'\ntimeouts = { connect_timeout_ms = 99 }",
            "providers.timeouts.connect_timeout_ms must be between 100 and 10000 milliseconds",
        ),
        (
            (
                "[[providers]]\nname = 'time'\ntype = 'builtin'\n"
                "timeouts = { connect_timeout_ms = 5000, request_timeout_ms = 4999 }"
            ),
            "providers.timeouts.request_timeout_ms must be >= connect_timeout_ms",
        ),
        (
            "[[providers]]\nname = 'time'\ntype = 'builtin'\nauth = { bearer_token = ' ' }",
            "providers.auth.bearer_token must be non-empty",
        ),
        (
            "[[providers]]\nname = 'time'\ntype = 'builtin'\ncommand = ['x']\nurl = 'y'",
            "builtin provider does not accept command",
        ),
        (
            "[[providers]]\nname = 'time'\ntype = 'builtin'\nauth = { bearer_token = 'x' }",
            "builtin provider does not accept auth",
        ),
        ("[[providers]]\nname = 'p'\ntype = 'mcp'", "mcp provider requires command or url"),
        (
            "[[providers]]\nname = 'p'\ntype = 'mcp'\nurl = 'https://x'\nconfig = {}",
            "mcp provider does not accept config",
        ),
        (
            "[[providers]]\nname = 'p'\ntype = 'mcp'\nurl = 'https://x'",
            "mcp provider requires capabilities_path",
        ),
        (
            "[[providers]]\nname = 'p'\ntype = 'mcp'\nurl = 'http://x'\ncapabilities_path = 'c'",
            "insecure http requires allow_insecure_http",
        ),
        ("[[providers]]\nname = 'time'\ntype = 'builtin'\n" * 2, "duplicate provider name: time"),
        ("[[providers]]\nname = 'clock'\ntype = 'builtin'", "unknown builtin provider: clock"),
        (
            "[[providers]]\nname = 'time'\ntype = 'mcp'\nurl = 'https://x'\ncapabilities_path = 'c'",
            "provider name reserved for builtin: time",
        ),
        (BEARER + "[authenticator]\ntype = 'local_only'", "authenticator and server.auth.mode exclude each other"),
        (
            "[server.audit]\nenabled = false\n[audit_sink]\ntype = 'none'",
            "audit_sink and server.audit.path or enabled=false exclude each other",
        ),
    ],
)
def test_what_cannot_work_is_refused_in_the_words_of_the_contract(refusal, text, message):
    assert refusal(text) == f"invalid config: {message}"


@pytest.mark.parametrize(
    "text",
    [
        "[server]\nmax_body_bytes = 1",
        "[server.limits.rate_limit]\n",
        "[server.limits.rate_limit]\nmax_requests = 100000\nwindow_ms = 60000\nmax_entries = 65536",
        "[server]\ntransport = 'http'\nbind = '[::1]:4000'",
        "[server]\ntransport = 'http'\nbind = ' 127.0.0.1:4000 '",
        BEARER.replace("127.0.0.1", "0.0.0.0"),  # noqa: S104 - only configured, nothing binds
        "[trust]\ndefault_policy = { require_signature = { keys = ['k'] } }",
        "[schema_registry]\nmax_schema_bytes = 10485760",
        "[runpack_storage]\ntype = 'object_store'\nprovider = 's3'\nbucket = 'b'\nprefix = 'path/./other/'",
        "[[providers]]\nname = 'a; b/🚦'\ntype = 'mcp'\ncommand = ['x']\ncapabilities_path = 'c'",
        "[server.tls]\ncert_path = '../a'\nkey_path = '..'\n[server]\ntransport = 'http'\nbind = '127.0.0.1:1'",
    ],
)
def test_what_is_just_within_the_bounds_is_accepted(refusal, text):
    assert refusal(text) is None


def test_the_first_rule_in_the_order_of_the_contract_is_the_one_that_is_told(refusal):
    text = "[server]\nmax_body_bytes = 0\n[server.limits]\nmax_inflight = 0\n[validation]\nstrict = false"

    assert refusal(text) == "invalid config: max_body_bytes must be greater than zero"


def test_a_wrong_shape_anywhere_is_told_before_any_impossible_value(refusal):
    assert refusal("[server]\nmax_body_bytes = 0\n[docs]\nmax_docs = 'x'").startswith(
        "config parse error: docs.max_docs"
    )


def test_any_authentication_but_loopback_bounds_the_time_by_default(parsed):
    assert parsed(BEARER).time_source is TimeSource.BOUNDED
    assert parsed(BEARER + "[time]\nsource = 'server'").time_source is TimeSource.SERVER
    assert parsed("[time]\nsource = 'bounded'").time_source is TimeSource.BOUNDED


def test_the_old_mode_switches_dev_permissive_on(parsed):
    assert parsed("[server]\nmode = 'dev_permissive'").is_permissive
    assert not parsed("").is_permissive
