"""A URL of a caller or a scenario reaches public addresses only, however it spells or names another (deviation X8).

What needs name servers and addresses beside loopback runs in a network of its own, over standard input.
"""

import sys
from pathlib import Path

import pytest
from harness import closed_network, documents
from harness.config import configuration
from harness.framed import framed_session
from harness.stand_in import Says, standing_in
from harness.worlds import world

INSIDE = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "0x7F.0.0.0x1",
    "%31%32%37.0.0.1",
    "①②⑦.0.0.1",
    "１２７．０．０．１",
    "127。0。0。1",
    "0",
    "0.0.0.0",  # noqa: S104 - a name, nothing is bound
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::1]",
    "[2606:2800:21f:cb07:0:5efe:7f00:1]",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "168.63.129.16",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[2001:db8::1]",
]
"""Hosts that are none of the public, in every spelling that some reader of URLs takes."""

REFUSED = {
    "file:///etc/passwd": "unsupported url scheme",
    "ftp://93.184.215.14/": "unsupported url scheme",
    "gopher://93.184.215.14/": "unsupported url scheme",
    "http://user@93.184.215.14/": "url credentials are not allowed",
    "http://user:word@127.0.0.1/": "url credentials are not allowed",
    "http://[fe80::1%25eth0]/": "invalid url",
    "http://127.0.0.1%00.example.org/": "invalid url",
    "http://256.0.0.1/": "invalid url",
    "http://127.0.0.1.1/": "invalid url",
    "http://93.184.215.14 .example.org/": "invalid url",
    "//127.0.0.1/": "invalid url",
    "http://": "invalid url",
}


def asked(url, check="status"):
    return {"provider_id": "http", "check_id": check, "params": {"url": url}}


def told(client, url, check="status"):
    """Return the value, or why there is none."""
    context = {**documents.run_of("run-1"), "scenario_id": "s", "stage_id": "open", "trigger_id": "t"}
    arguments = {"query": asked(url, check), "context": {**context, "trigger_time": documents.at()}}
    result = client.call("evidence_query", arguments)["result"]
    return result["value"]["value"] if result["error"] is None else result["error"]["message"]


def failed(text):
    return f"evidence provider error: {text}"


def http(**settings):
    config = {"allow_http": True, "timeout_ms": 30_000, **settings}
    evidence = {"allow_raw_values": True, "require_provider_opt_in": False}
    return {"providers": [{"name": "http", "type": "builtin", "config": config}], "evidence": evidence}


@pytest.fixture(scope="module")
def inside():
    """Somebody inside who must not be reached."""
    with standing_in(lambda _asked, _released: Says()) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve(http())


@pytest.mark.parametrize("host", INSIDE)
def test_a_host_that_is_not_public_is_not_reached_however_it_is_spelled(client_of, server, inside, host):
    client = client_of(server)

    answers = [told(client, f"http://{host}:{inside.port}/{check}", check) for check in ("status", "body_hash")]

    refusal = failed("url host resolves to private or link-local address: ")
    assert [answer[: len(refusal)] for answer in answers] == [refusal] * 2
    assert inside.asked == []


@pytest.mark.parametrize(("url", "reason"), REFUSED.items())
def test_what_is_no_url_of_the_web_is_refused_before_anything_is_resolved(client_of, server, url, reason):
    assert told(client_of(server), url) == failed(reason)


def test_the_condition_of_a_scenario_reaches_no_more_than_a_caller(client_of, server, inside):
    client = client_of(server)
    urls = {"plain": f"http://127.0.0.1:{inside.port}/", "mapped": f"http://[::ffff:127.0.0.1]:{inside.port}/"}
    wanted = [documents.condition(name, query=asked(url), expected=200) for name, url in urls.items()]
    client.call("scenario_define", {"spec": documents.scenario("s", [documents.stage("open", None, *urls)], *wanted)})
    client.call("scenario_start", documents.start("s", "run-1"))

    held = client.call("scenario_next", documents.step("s", "run-1", "t-1"))

    gates = {gate["gate_id"]: gate["status"] for gate in held["feedback"]["gate_evaluations"]}
    assert gates == {"open-plain": "Unknown", "open-mapped": "Unknown"}
    assert inside.asked == []


def test_a_host_that_the_configuration_names_is_reached_and_no_other(serve, client_of, inside):
    client = client_of(serve(http(allowed_hosts=["127.0.0.1"])))

    assert told(client, f"http://127.0.0.1:{inside.port}/named") == 200
    assert told(client, f"http://localhost:{inside.port}/") == failed("url host not allowed")
    assert told(client, "http://93.184.215.14/") == failed("url host not allowed")
    assert [request.path for request in inside.asked] == ["/named"]
    inside.asked.clear()


@pytest.fixture
def closed(tmp_path, plugins):
    """Return a function that opens a session with a server whose only network is the one of ``closed_network``."""
    for path in ("/etc/resolv.conf", "/proc/net/if_inet6"):
        if not Path(path).exists():
            pytest.skip(f"needs {path}: a resolver to lead elsewhere, and addresses of the sixth version")
    network = [*world("--net", "--mount"), sys.executable, str(closed_network.__file__), str(tmp_path)]
    stdio = {"server": {"transport": "stdio", "bind": None}}

    def opened(**settings):
        return framed_session(tmp_path / "stdio", configuration(http(**settings), stdio), plugins, network)

    return opened


def lines(path: Path):
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_names_of_addresses_that_are_not_public_are_resolved_and_not_reached(closed, tmp_path):
    names = ["inside", "inside-six", "metadata", "loopback", "mapped", "both"]

    with closed() as session:
        refused = {name: told(session, f"http://{name}.test/{name}") for name in names}
        reached = [told(session, f"http://{name}.test/{name}") for name in ("public", "six")]

    text = "url host resolves to private or link-local address"
    assert refused == {name: failed(f"{text}: {name}.test") for name in names}
    assert reached == [200, 200]
    assert lines(tmp_path / "reached") == [f"{closed_network.PUBLIC} /public", f"{closed_network.PUBLIC_6} /six"]


def test_a_name_that_is_rebound_after_it_was_judged_leads_where_it_was_judged(closed, tmp_path):
    with closed() as session:
        first, second = (told(session, "http://rebound.test/") for _ in range(2))

    assert (first, second) == (200, failed("url host resolves to private or link-local address: rebound.test"))
    assert lines(tmp_path / "reached") == [f"{closed_network.PUBLIC} /"]
    assert lines(tmp_path / "resolved") == ["rebound.test", "rebound.test"]


def test_a_redirect_of_a_public_host_is_an_answer_and_nobody_follows_it(closed, tmp_path):
    targets = [closed_network.PRIVATE, closed_network.METADATA, "127.0.0.1", "inside.test"]

    with closed() as session:
        answers = [told(session, f"http://public.test/to/{target}/") for target in targets]

    assert answers == [302] * len(targets)
    assert lines(tmp_path / "reached") == [f"{closed_network.PUBLIC} /to/{target}/" for target in targets]


def test_in_the_same_network_a_named_private_host_is_reached(closed, tmp_path):
    """The network of the other tests does lead to private addresses: it is the server that does not go there."""
    with closed(allowed_hosts=["inside.test", closed_network.METADATA]) as session:
        answers = [told(session, f"http://{host}/") for host in ("inside.test", closed_network.METADATA)]

    assert answers == [200, 200]
    assert lines(tmp_path / "reached") == [f"{closed_network.PRIVATE} /", f"{closed_network.METADATA} /"]
