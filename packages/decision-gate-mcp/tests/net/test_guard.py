"""The guard between a URL and a connection (deviation X8)."""

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.net.guard import AddressGuard, normal_host, resolve_by_system


def guard(answers, permitted=()):
    def resolve(host, port):
        assert (host, port) == ("host.test", 443)
        if isinstance(answers, Exception):
            raise answers
        return answers

    return AddressGuard(permitted_hosts=frozenset(permitted), resolve=resolve)


def found(answers, permitted=()):
    try:
        return [str(address) for address in guard(answers, permitted).addresses("host.test", 443)]
    except DecisionGateError as error:
        return (error.code, str(error))


FORBIDDEN = ("address_forbidden", "url host resolves to private or link-local address: host.test")


def test_public_addresses_are_given_once_and_in_order():
    assert found(["8.8.8.8", "2606:4700::1", "8.8.8.8"]) == ["8.8.8.8", "2606:4700::1"]


@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:127.0.0.1"], ["fe80::1%eth0"], ["8.8.8.8", "::1"]]
)
def test_one_address_that_is_not_public_forbids_the_host(answers):
    assert found(answers) == FORBIDDEN


def test_a_host_of_the_configuration_may_have_any_address():
    assert found(["127.0.0.1", "fe80::1%eth0"], ["host.test"]) == ["127.0.0.1", "fe80::1"]
    assert found(["127.0.0.1"], ["other.test"]) == FORBIDDEN


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (OSError("no such host"), "url host resolution failed"),
        (UnicodeError("label too long"), "url host resolution failed"),
        (["nonsense"], "url host resolution failed"),
        ([], "url host has no resolved addresses"),
    ],
)
def test_a_host_without_addresses_is_unresolved(answers, message):
    assert found(answers) == ("host_unresolved", message)


def test_a_host_is_resolved_once_for_one_connection():
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    once = AddressGuard(resolve=lambda _host, _port: next(answers))

    assert [str(address) for address in once.addresses("rebinding.test", 80)] == ["8.8.8.8"]


@pytest.mark.parametrize("spelling", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1"])
def test_every_spelling_that_the_system_reads_is_judged(spelling):
    try:
        addresses = list(resolve_by_system(spelling, 80))
    except OSError:
        return  # this system does not read it, so nothing connects to it
    assert addresses == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("host", "normal"), [("Example.COM.", "example.com"), ("[::1]", "::1"), ("a.b", "a.b"), ("127.0.0.1", "127.0.0.1")]
)
def test_hosts_are_looked_up_in_one_spelling(host, normal):
    assert normal_host(host) == normal
