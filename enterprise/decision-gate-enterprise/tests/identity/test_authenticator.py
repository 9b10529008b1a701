"""The authenticator ``api_key``: who is recognised, what it costs, and how soon a right ends."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from decision_gate.enterprise.identity import Environment, find_key, mint, open_api_key
from decision_gate.enterprise.identity.authenticator import ApiKeySettings
from decision_gate.enterprise.identity.hashing import SecretHasher
from decision_gate.enterprise.tenancy import Grant, ScopedPrincipal, State, people, places
from decision_gate.enterprise.testing.offers import offers_of_project
from decision_gate.enterprise.testing.tenancy import admit
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.config.errors import InvalidConfigError
from decision_gate.mcp.config.secrets import LiteralSecret
from decision_gate.mcp.hooks.audit_sink import NoSink
from decision_gate.mcp.hooks.errors import UnauthenticatedError, UnauthorizedError
from decision_gate.mcp.hooks.principal import Role
from decision_gate.mcp.hooks.rate_limiter import RateLimitedError, RateLimiterOverloadedError
from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.testing import AuthenticatorBench, AuthenticatorConformance
from decision_gate.mcp.testing.principals import request_context

TENANT, OTHER, NAMESPACE = 2**53 - 1, 8, 7
ANNA = "svc:anna"
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
ADMIN = Role(name="TenantAdmin", tenant_id=TENANT)


def bearer(text):
    return request_context(auth_header=f"Bearer {text}")


def reason_of(keyring, text):
    with pytest.raises((UnauthenticatedError, UnauthorizedError)) as refused:
        keyring.present(text)
    return refused.value.code, refused.value.reason


class TestApiKeyAuthenticator(AuthenticatorConformance):
    """See the suite. The invented key makes the suite wait for a lane; each of its threads meets one of two."""

    @pytest.fixture
    def bench(self, keyring):
        _, text = keyring.issue()
        secret = text.split("_")[3]
        revoked, revoked_text = keyring.issue()
        keyring.end(revoked, revoked_at=1)
        return AuthenticatorBench(
            authenticator=keyring.authenticator,
            admitted=bearer(text),
            unrecognised=(bearer(text[:-1] + "!"), bearer(revoked_text), request_context(auth_header="Basic abc")),
            secrets=(text, secret),
        )


def test_key_is_recognised_as_its_principal_with_the_rights_of_the_directory(keyring):
    key, text = keyring.issue()

    assert keyring.present(text) == ScopedPrincipal(
        id=ANNA,
        method="api_key",
        subject=key.prefix,
        roles=(ADMIN,),
        billing_tenant=TENANT,
        tenants=(TENANT,),
    )


def test_noise_is_turned_away_before_the_database_or_a_hash_is_asked(keyring):
    _, text = keyring.issue()
    broken = [text[:-1] + ("0" if text[-1] != "0" else "1"), text + "x", "dgk_live_short", "Bearer", "x" * 8000]

    refused = {reason_of(keyring, each) for each in broken}

    assert refused == {("unauthenticated", "invalid api key")}
    assert (keyring.reader.asked, keyring.hasher.verified) == (0, 0)


def test_secret_is_hashed_once_for_each_key_and_process(keyring):
    _, text = keyring.issue()
    _, other = keyring.issue()

    for _ in range(5):
        keyring.present(text)
        keyring.present(other)

    assert keyring.hasher.verified == 2


def test_wrong_secret_of_a_known_key_is_hashed_and_refused_like_an_unknown_key(keyring):
    key, text = keyring.issue()
    keyring.present(text)
    forged = attrs.evolve(mint(Environment.LIVE, secrets.randbelow), key_id=key.key_id).spelled()
    unknown = mint(Environment.LIVE, secrets.randbelow).spelled()
    before = keyring.hasher.verified

    assert reason_of(keyring, forged) == reason_of(keyring, unknown) == ("unauthenticated", "invalid api key")
    assert keyring.hasher.verified == before + 2
    assert keyring.present(text).id == ANNA


def test_key_of_another_environment_is_refused(keyring):
    key, text = keyring.issue()
    other = attrs.evolve(mint(Environment.TEST, secrets.randbelow), key_id=key.key_id, secret=text.split("_")[3][:43])

    assert reason_of(keyring, other.spelled()) == ("unauthenticated", "invalid api key")


def test_revoked_key_is_refused_once_the_look_up_is_too_old_and_not_later(keyring):
    """Revocation takes at most ``max_age_ms``, here two seconds, in every process."""
    key, text = keyring.issue()
    keyring.present(text)
    keyring.end(key, revoked_at=keyring.clock.now_ms())

    keyring.clock.advance(1_999)
    within = keyring.present(text).id
    keyring.clock.advance(1)

    assert within == ANNA
    assert reason_of(keyring, text) == ("unauthenticated", "api key revoked")


def test_expiry_needs_no_look_up(keyring):
    _, text = keyring.issue(expires_at=keyring.clock.now_ms() + 1_000)
    keyring.present(text)

    keyring.clock.advance(1_000)

    assert reason_of(keyring, text) == ("unauthenticated", "api key expired")


def test_only_who_has_the_secret_learns_that_a_key_is_revoked(keyring):
    key, _ = keyring.issue(revoked_at=1)
    forged = attrs.evolve(mint(Environment.LIVE, secrets.randbelow), key_id=key.key_id).spelled()

    assert reason_of(keyring, forged) == ("unauthenticated", "invalid api key")


def test_replaced_key_and_its_successor_work_while_they_overlap(keyring):
    old, old_text = keyring.issue()
    _, new_text = keyring.issue()
    keyring.end(old, expires_at=keyring.clock.now_ms() + 900_000)

    assert (keyring.present(old_text).id, keyring.present(new_text).id) == (ANNA, ANNA)
    keyring.clock.advance(900_000)
    assert reason_of(keyring, old_text) == ("unauthenticated", "api key expired")
    assert keyring.present(new_text).id == ANNA


def test_keys_of_a_suspended_principal_or_tenant_are_refused(keyring):
    _, text = keyring.issue()
    tenant = attrs.evolve(places.find_tenant(keyring.reader, TENANT), state=State.SUSPENDED)
    anna = attrs.evolve(people.find_principal(keyring.reader, ANNA), state=State.SUSPENDED)

    keyring.reader.run(NoSink(), lambda transaction: places.change_tenant(transaction, tenant))
    suspended_tenant = reason_of(keyring, text)
    keyring.reader.run(NoSink(), lambda transaction: people.change_principal(transaction, anna))
    keyring.clock.advance(5_000)

    assert suspended_tenant == ("unauthorized", "no active tenant")
    assert reason_of(keyring, text) == ("unauthorized", "principal not active")


def test_narrowed_key_has_less_and_does_not_administer(keyring):
    _, text = keyring.issue(namespaces=(NAMESPACE,), tools=("scenario_next",))
    grant = Grant(principal_id=ANNA, tenant_id=TENANT, roles=("NamespaceWriter", "TenantAdmin"))
    keyring.reader.run(NoSink(), lambda transaction: people.put_grant(transaction, grant))

    found = keyring.present(text)

    assert (found.namespaces, found.allowed_tools) == (frozenset({NAMESPACE}), frozenset({"scenario_next"}))
    assert found.roles == (Role(name="NamespaceWriter", tenant_id=TENANT, namespace_id=NAMESPACE),)


def test_key_reaches_its_own_tenant_and_a_spanning_one_all_without_a_billing_tenant(keyring, place):
    """Contract §4.9 DM-2: several tenants only on purpose, and then each call names one."""
    admit(place.settings, ANNA, [TENANT, OTHER])
    _, own = keyring.issue()
    _, spanning = keyring.issue(is_spanning=True)

    assert (keyring.present(own).tenants, keyring.present(own).billing_tenant) == ((TENANT,), TENANT)
    assert (keyring.present(spanning).tenants, keyring.present(spanning).billing_tenant) == ((OTHER, TENANT), None)


def test_time_of_use_is_kept_once_a_minute(keyring):
    key, text = keyring.issue()

    keyring.present(text)
    first = find_key(keyring.reader, key.key_id).last_used_at
    keyring.clock.advance(59_999)
    keyring.present(text)
    within = find_key(keyring.reader, key.key_id).last_used_at
    keyring.clock.advance(1)
    keyring.present(text)

    assert first == within == keyring.clock.now_ms() - 60_000
    assert find_key(keyring.reader, key.key_id).last_used_at == keyring.clock.now_ms()


def test_flood_of_invented_keys_hashes_one_at_a_time_and_costs_a_known_caller_no_hash(keyring):
    """200 bogus keys at once: hashing stays within its bound, and who is known never waits for it."""
    _, text = keyring.issue()
    keyring.present(text)
    invented = [mint(Environment.LIVE, secrets.randbelow).spelled() for _ in range(200)]
    stop = threading.Event()
    admitted = []

    def valid_client():
        while True:  # at least once, also where the flood is over before this thread has its first turn
            admitted.append(keyring.present(text).id)
            if stop.is_set():
                return

    def attacker(key):
        try:
            keyring.present(key)
        except (UnauthenticatedError, RateLimitedError, RateLimiterOverloadedError) as refused:
            return refused.code
        return "admitted"

    client = threading.Thread(target=valid_client)
    client.start()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(attacker, invented))
    stop.set()
    client.join(30)

    assert set(answers) <= {"unauthenticated", "rate_limited", "rate_limiter_overloaded"}
    assert keyring.hasher.most_running == 1
    assert keyring.hasher.verified == 1 + answers.count("unauthenticated")
    assert set(admitted) == {ANNA}


def test_address_that_failed_too_often_costs_no_further_hash_whether_the_key_exists_or_not(keyring):
    key, _ = keyring.issue()
    _, proven = keyring.issue()
    _, unproven = keyring.issue()
    keyring.present(proven)
    forged = attrs.evolve(mint(Environment.LIVE, secrets.randbelow), key_id=key.key_id).spelled()
    for _ in range(20):
        reason_of(keyring, invented())
    hashed = keyring.hasher.verified

    for text in (invented(), forged, unproven):
        with pytest.raises(RateLimitedError) as refused:
            keyring.present(text)
        assert refused.value.retry_after_ms == 1_000

    assert keyring.present(proven).id == keyring.present(unproven, peer_ip="10.0.0.2").id == ANNA
    assert keyring.hasher.verified == hashed + 1
    keyring.clock.advance(1_000)
    assert reason_of(keyring, forged) == ("unauthenticated", "invalid api key")


def test_keys_that_are_right_use_up_no_failure(keyring):
    for _ in range(25):
        assert keyring.present(keyring.issue()[1]).id == ANNA


def test_known_caller_is_verified_while_the_lane_of_invented_keys_is_full(keyring, monkeypatch):
    """The first use of a real key must not wait behind a flood either."""
    _, text = keyring.issue()
    entered, leave = threading.Event(), threading.Event()
    hasher = keyring.hasher
    verify = SecretHasher._verify  # noqa: SLF001 - the flood is held in the hash itself

    def held(self, known_hash, secret):
        if known_hash == self._nobodys_hash:
            entered.set()
            assert leave.wait(30)
        return verify(self, known_hash, secret)

    monkeypatch.setattr(type(hasher), "_verify", held)
    flood = threading.Thread(target=reason_of, args=(keyring, invented()))
    flood.start()
    assert entered.wait(30)

    try:
        with pytest.raises(RateLimiterOverloadedError):
            keyring.present(invented())
        assert keyring.present(text).id == ANNA
    finally:
        leave.set()
        flood.join(30)


def test_many_who_come_at_once_with_a_new_key_are_all_admitted_and_it_is_hashed_once(keyring, monkeypatch):
    """After a start nothing is remembered; more callers than lanes must not make each other wait or fail."""
    _, text = keyring.issue()
    together = threading.Barrier(16)
    entered, leave = threading.Event(), threading.Event()
    verify = SecretHasher._verify  # noqa: SLF001 - everybody comes while the first is hashing

    def held(self, known_hash, secret):
        entered.set()
        assert leave.wait(30)
        return verify(self, known_hash, secret)

    monkeypatch.setattr(SecretHasher, "_verify", held)

    def comes(_):
        together.wait(30)
        return keyring.present(text).id

    with ThreadPoolExecutor(16) as pool:
        coming = pool.map(comes, range(16))
        assert entered.wait(30)
        leave.set()
        assert list(coming) == [ANNA] * 16

    assert keyring.hasher.verified == 1


def test_configuration_for_standard_input_says_whose_key_it_is():
    def configuration(more):
        text = f"""
            [server]
            transport = "stdio"
            [authenticator]
            type = "api_key"
            path = "gate.db"
            {more}
        """
        return parse_config(text.encode(), lambda _: offers_of_project(PROJECT).settings_of)

    with pytest.raises(InvalidConfigError, match="local_only"):
        configuration("").check()
    configuration('stdio_key = { env = "DG_KEY" }').check()


def test_key_of_the_other_end_of_standard_input_comes_from_the_configuration(place, keyring):
    """Standard input has no header; over HTTP the configured key recognises nobody."""
    _, text = keyring.issue()
    settings = ApiKeySettings(
        path=place.settings.path, dsn=place.settings.dsn, stdio_key=LiteralSecret(text=text), max_age_ms=0
    )
    stdio = RequestContext(transport="stdio", server_correlation_id="dg-1")

    with open_api_key(settings) as authenticator:
        found = authenticator.authenticate(stdio)
        with pytest.raises(UnauthenticatedError):
            authenticator.authenticate(request_context())
    with open_api_key(attrs.evolve(settings, stdio_key=None)) as authenticator, pytest.raises(UnauthenticatedError):
        authenticator.authenticate(stdio)

    assert (found.id, found.roles) == (ANNA, (ADMIN,))


def invented():
    return mint(Environment.LIVE, secrets.randbelow).spelled()
