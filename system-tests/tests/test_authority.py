"""A namespace authority that denies, fails, lies or cannot be reached refuses the call, and says to nobody why.

Contract §4.7, deviation X8.
"""

import json

import pytest
from harness import documents
from harness.ports import reserved_port
from harness.rpc import Client
from harness.stand_in import Says, standing_in

UNAUTHORIZED = (403, -32003, "unauthorized", "unauthorized")
TOKEN = "token-of-the-authority"
LONG = b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 5000

ANSWERS = {
    7: Says(status=200, body=b"what it says does not count"),
    404: Says(status=404),
    401: Says(status=401),
    403: Says(status=403),
    204: Says(status=204),
    500: Says(status=500),
    302: Says(status=302, headers={"location": "/v1/write/namespaces/7"}),
    303: Says(status=302, headers={"location": "/v1/write/namespaces/303"}),
    901: Says(raw=b""),
    902: Says(raw=b"welcome\r\n\r\n"),
    903: Says(raw=b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n"),
    904: Says(raw=LONG, pause_s=0.05),
    905: Says(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n" + b"a" * 5000, pause_s=0.05),
}
"""What the authority says about a namespace, by its number; about any other it says nothing."""

REFUSED = {
    404: "namespace not found",
    401: "namespace not authorized",
    403: "namespace not authorized",
    204: "namespace authority error: status 204 No Content",
    500: "namespace authority error: status 500 Internal Server Error",
    303: "namespace authority error: TooManyRedirects",
    901: "namespace authority error: RemoteProtocolError",
    902: "namespace authority error: RemoteProtocolError",
    903: "namespace authority error: RemoteProtocolError",
}
TOO_LATE = dict.fromkeys((904, 905, 999), "namespace authority error: ReadTimeout")
PATIENT_MS, HURRIED_MS = 30_000, 500
"""What is no question of time has all there is of it: a machine that is busy is not an authority that is slow."""


def answering(asked, is_released):
    says = ANSWERS.get(int(asked.path.rpartition("/")[2]))
    if says is None:
        is_released.wait()
        return Says(status=200)
    return says


def asking(base_url, limit_ms=PATIENT_MS):
    limits = {"connect_timeout_ms": min(limit_ms, 10_000), "request_timeout_ms": limit_ms}
    assetcore = {"base_url": base_url, "auth_token": TOKEN, **limits}
    return {"namespace": {"authority": {"mode": "assetcore_http", "assetcore": assetcore}}}


@pytest.fixture(scope="module")
def authority():
    with standing_in(answering) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(shared_serve, authority):
    return shared_serve(asking(f"{authority.url}//"))


@pytest.fixture(scope="module")
def hurried(shared_serve, authority):
    return shared_serve(asking(authority.url, HURRIED_MS))


def listed(client, namespace_id):
    return client.send("scenarios_list", {"tenant_id": documents.TENANT, "namespace_id": namespace_id})


def reasons(server):
    """Return why calls were refused, as the audit tells it."""
    lines = (server.folder / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    return [event["reason"] for event in map(json.loads, lines) if event.get("guard") == "namespace"]


def test_a_namespace_that_the_authority_knows_is_open(client_of, server):
    client = client_of(server)

    defined = client.send("scenario_define", {"spec": documents.two_stages()})

    assert (defined.status, listed(client, documents.NAMESPACE).status) == (200, 200)


@pytest.mark.parametrize(("namespace_id", "reason"), [*REFUSED.items(), *TOO_LATE.items()])
def test_any_other_answer_and_none_refuse_the_call_and_only_the_audit_says_why(
    client_of, server, hurried, namespace_id, reason
):
    asked = hurried if namespace_id in TOO_LATE else server

    answer = listed(client_of(asked), namespace_id)

    assert answer.error == UNAUTHORIZED
    assert reasons(asked)[-1] == reason


def test_a_redirect_to_where_the_authority_is_counts_as_its_answer(client_of, server):
    assert listed(client_of(server), 302).status == 200


def test_it_is_asked_once_for_each_call_with_token_and_correlation_and_no_tenant(client_of, server, authority):
    client = client_of(server)
    authority.asked.clear()

    tenant = 918_273_645_546  # so long that no port and no id holds it by chance
    listing = documents.call("scenarios_list", {"tenant_id": tenant, "namespace_id": 7})
    client.post(listing, {"x-correlation-id": "corr-1"})
    own = listed(client, 7).headers["x-server-correlation-id"]

    told = [
        (asked.method, asked.path, asked.headers["authorization"], asked.headers["x-correlation-id"], asked.body)
        for asked in authority.asked
    ]
    path = "/v1/write/namespaces/7"
    assert told == [("GET", path, f"Bearer {TOKEN}", correlation, b"") for correlation in ("corr-1", own)]
    assert str(tenant) not in str(authority.asked)


@pytest.mark.parametrize(("host", "is_asked"), [("127.0.0.1", True), ("[::ffff:127.0.0.1]", False)])
def test_a_redirect_elsewhere_is_not_told_the_token_and_reaches_no_private_host_that_is_not_named(
    serve, client_of, host, is_asked
):
    with standing_in(lambda _asked, _released: Says(status=200)) as elsewhere:
        away = Says(status=302, headers={"location": f"http://{host}:{elsewhere.port}/v1/write/namespaces/7"})
        with standing_in(lambda _asked, _released: away) as authority:
            answer = listed(client_of(serve(asking(authority.url))), 7)

    assert answer.status == (200 if is_asked else 403)
    assert [("authorization" in asked.headers) for asked in elsewhere.asked] == [False] * is_asked


def test_an_authority_that_is_not_there_refuses_until_it_is(serve, client_of):
    with reserved_port() as port:
        client = client_of(serve(asking(f"http://127.0.0.1:{port}")))
        absent = listed(client, 7)
        with standing_in(answering, port):
            present = listed(client, 7)

    assert (absent.error, present.status) == (UNAUTHORIZED, 200)


def test_an_authority_that_hangs_holds_up_no_tool_that_names_no_namespace(client_of, hurried):
    with Client(hurried.port) as other:
        refused = listed(other, 999)
        providers = client_of(hurried).send("providers_list", {})

    assert (refused.error, providers.status) == (UNAUTHORIZED, 200)


def test_a_run_pack_says_who_confirmed_its_namespace(client_of, server):
    client = client_of(server)
    client.call("scenario_define", {"spec": documents.two_stages("proved")})
    client.call("scenario_start", documents.start("proved", "run-1"))

    folder = str(server.folder.parent / "pack")
    exported = client.call("runpack_export", documents.export("proved", "run-1", folder))

    assert exported["manifest"]["security"] == {"dev_permissive": False, "namespace_authority": "assetcore_catalog"}
