"""``/admin/v1``: a thin surface that recognises, reads strictly, answers once, and describes itself."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from starlette.testclient import TestClient

from decision_gate.enterprise.admin.http_api import MAX_BODY_BYTES, AdminApi
from decision_gate.enterprise.admin.use_cases import USE_CASES
from decision_gate.enterprise.identity import ApiKeyAuthenticator, Clocks, Failures, SecretHasher
from decision_gate.mcp.hooks.rate_limiter import FixedWindowLimiter, NoLimiter


@attrs.frozen(kw_only=True)
class Door:
    """Whom the API asks."""

    authenticator: ApiKeyAuthenticator
    limiter: object

    def monotonic_ms(self):
        return 0.0


@pytest.fixture
def limiter():
    return NoLimiter()


@pytest.fixture
def client(desk, limiter):
    """Somebody without a key."""
    authenticator = ApiKeyAuthenticator(
        desk.service.database,
        hasher=SecretHasher(most=2),
        failures=Failures(per_minute=60),
        max_age_ms=0,
        clocks=Clocks(now_ms=desk.clock.now_ms, monotonic_ms=desk.clock.monotonic_ms),
    )
    with ThreadPoolExecutor(2) as pool:
        api = AdminApi(
            service=desk.service,
            door=Door(authenticator=authenticator, limiter=limiter),
            pool=pool,
            correlation_ids=map("dg-{}".format, itertools.count(1)),
            version="1",
        )
        with TestClient(api.app(USE_CASES), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
            yield client


@pytest.fixture
def boss(desk):
    """Headers of an administrator of the deployment."""
    return {"authorization": f"Bearer {desk.do('deployment.bootstrap')['key']}"}


def codes(*answers):
    return [(answer.status_code, answer.json()["error"]["code"]) for answer in answers]


def test_provisioning_is_answered_and_its_repeat_is_answered_the_same(client, boss, desk):
    sent = {"org": "acme", "tenant": "pay"}

    first = client.post("/admin/v1/provision", json=sent, headers={**boss, "idempotency-key": "k"})
    again = client.post("/admin/v1/provision", json=sent, headers={**boss, "idempotency-key": "k"})
    other = client.post("/admin/v1/provision", json={**sent, "tenant": "x"}, headers={**boss, "idempotency-key": "k"})

    assert (first.status_code, again.json()) == (200, first.json())
    assert first.headers["cache-control"] == "no-store"
    assert codes(other) == [(409, "idempotency_conflict")]
    assert len(desk.content()["tenants"]) == 2


def test_path_and_query_are_read_as_numbers_and_pages_go_on(client, boss):
    for name in ("a", "b", "c"):
        client.post("/admin/v1/orgs", json={"name": name}, headers=boss)
    found, cursor = [], None

    for _ in range(4):
        query = {"limit": 1} if cursor is None else {"limit": 1, "cursor": cursor}
        page = client.get("/admin/v1/orgs", params=query, headers=boss).json()
        found += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]

    assert (sorted(found), cursor) == (["a", "b", "c", "main"], None)


@pytest.mark.parametrize(
    ("asked", "sent", "status", "code"),
    [
        ("POST /orgs", b'{"name": "a", "nmae": "b"}', 400, "invalid_request"),
        ("POST /orgs", b'{"name": "a", "name": "b"}', 400, None),
        ("POST /orgs", b"[]", 400, "invalid_request"),
        ("POST /orgs", b"\xff", 400, None),
        ("POST /orgs", b"", 400, None),
        ("POST /orgs", b'{"name": "' + b"x" * MAX_BODY_BYTES + b'"}', 413, None),
        ("POST /orgs/12/state", b'{"state": "active", "org_id": 13}', 400, "invalid_request"),
        ("GET /orgs/12", None, 404, "not_found"),
        ("GET /orgs/x", None, 400, "invalid_request"),
        ("GET /orgs/-1", None, 400, "invalid_request"),
        ("GET /orgs/" + "9" * 5000, None, 400, "invalid_request"),
        ("GET /orgs?limit=0", None, 400, "invalid_request"),
        ("GET /orgs?lmit=1", None, 400, "invalid_request"),
    ],
)
def test_request_that_cannot_be_read_is_refused_and_nothing_is_made(client, boss, desk, asked, sent, status, code):
    before = desk.content()["orgs"]
    method, _, path = asked.partition(" ")

    answer = client.request(
        method, f"/admin/v1{path}", content=sent, headers={**boss, "content-type": "application/json"}
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code or answer.json()["error"]["code"])
    assert desk.content()["orgs"] == before


def test_nobody_is_recognised_without_a_key_and_the_denial_is_audited(client, desk):
    desk.sink.events.clear()

    answers = [client.get("/admin/v1/orgs"), client.get("/admin/v1/orgs", headers={"authorization": "Bearer x"})]

    assert codes(*answers) == [(401, "unauthenticated")] * 2
    assert answers[0].headers["www-authenticate"].startswith("Bearer")
    assert [(event.event, event.is_denial) for event in desk.sink.events] == [("mcp_tool_authz", True)] * 2


def test_administrator_of_a_tenant_is_refused_what_is_not_its_own(client, boss, desk):
    made = client.post("/admin/v1/provision", json={"org": "acme", "tenant": "pay"}, headers=boss).json()
    own, tenant = {"authorization": f"Bearer {made['key']}"}, made["tenant"]["tenant_id"]

    answers = [
        client.get("/admin/v1/orgs", headers=own),
        client.get(f"/admin/v1/tenants/{tenant + 1}/keys", headers=own),
        client.post(f"/admin/v1/tenants/{tenant}/state", json={"state": "closing"}, headers=own),
    ]

    assert codes(*answers) == [(403, "unauthorized")] * 3
    assert client.get(f"/admin/v1/tenants/{tenant}/keys", headers=own).json()["items"] == [
        {**made["api_key"], "last_used_at": desk.clock.now_ms()}
    ]


def test_page_of_a_browser_is_turned_away(client, boss):
    with_origin = client.post("/admin/v1/orgs", json={"name": "a"}, headers={**boss, "origin": "https://evil.example"})
    as_form = client.post("/admin/v1/orgs", content=b'{"name": "a"}', headers={**boss, "content-type": "text/plain"})

    assert codes(with_origin, as_form) == [(403, "unauthorized"), (400, "invalid_request")]


class TestRates:
    """The peer is counted before anybody is recognised."""

    @pytest.fixture
    def limiter(self):
        return FixedWindowLimiter(max_requests=1, window_ms=1_500, max_entries=10)

    def test_second_request_of_a_peer_is_told_when_to_come_again(self, client):
        client.get("/admin/v1/orgs")

        answer = client.get("/admin/v1/orgs")

        assert codes(answer) == [(429, "rate_limited")]
        assert answer.headers["retry-after"] == "2"


def test_description_has_every_route_with_what_it_takes(client):
    described = client.get("/admin/v1/openapi.json").json()

    operations = {
        operation["operationId"]: (method.upper(), path.removeprefix("/admin/v1"))
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert operations == {case.name: (case.method, case.path) for case in USE_CASES if case.method is not None}
    issue = described["paths"]["/admin/v1/tenants/{tenant_id}/keys"]["post"]
    schema = issue["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["principal_id", "label"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["environment"] == {"type": "string", "enum": ["live", "test"], "default": "live"}
