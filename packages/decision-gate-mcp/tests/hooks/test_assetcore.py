"""The namespace authority over HTTP (contract §4.7)."""

import attrs
import httpx
import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.hooks.assetcore import AssetcoreAuthority, assetcore_authority
from decision_gate.mcp.testing import AuthorityBench, NamespaceAuthorityConformance


def status_of(number):
    """Return an answer whose body is still to be read, as one that comes over a network."""
    return httpx.Response(number, stream=httpx.ByteStream(b"{}"))


def authority(answer, base_url="https://assets.example/"):
    return AssetcoreAuthority(client=httpx.Client(transport=httpx.MockTransport(answer)), base_url=base_url)


class TestAssetcoreAuthority(NamespaceAuthorityConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self):
        return AuthorityBench(
            authority=authority(lambda request: status_of(200 if request.url.path.endswith("/12") else 404)),
            existing=((7, 12), (None, 12)),
            missing=((7, 13),),
        )


def test_the_question_names_the_namespace_and_the_correlation_but_no_tenant():
    asked = []

    def answer(request):
        asked.append((request.method, str(request.url), request.headers["x-correlation-id"]))
        return status_of(200)

    authority(answer, "https://assets.example///").ensure(7, 12, "corr-1")

    assert asked == [("GET", "https://assets.example/v1/write/namespaces/12", "corr-1")]


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (404, "unauthorized", "namespace not found"),
        (401, "unauthorized", "namespace not authorized"),
        (403, "unauthorized", "namespace not authorized"),
        (204, "namespace_unavailable", "namespace authority error: status 204 No Content"),
        (500, "namespace_unavailable", "namespace authority error: status 500 Internal Server Error"),
    ],
)
def test_every_answer_but_200_is_refused_with_its_reason(status, code, reason):
    with pytest.raises(DecisionGateError) as refused:
        authority(lambda _request: status_of(status)).ensure(7, 12, "corr-1")

    assert (refused.value.code, refused.value.reason, str(refused.value)) == (code, reason, "unauthorized")


def test_an_authority_that_does_not_answer_denies():
    def fail(_request):
        raise httpx.ConnectError("refused")

    with pytest.raises(DecisionGateError) as refused:
        authority(fail).ensure(7, 12, "corr-1")

    assert refused.value.code == "namespace_unavailable"


def test_a_correlation_id_that_fits_no_header_is_an_invalid_request():
    with pytest.raises(DecisionGateError) as refused:
        authority(lambda _request: status_of(200)).ensure(7, 12, "a b")

    assert (refused.value.code, str(refused.value)) == ("namespace_invalid", "invalid request id")


def test_a_token_that_fits_no_header_makes_every_namespace_invalid():
    with (
        assetcore_authority("https://x", "bad\ntoken", connect_timeout_ms=500, request_timeout_ms=2000) as opened,
        pytest.raises(DecisionGateError) as refused,
    ):
        opened.ensure(7, 12, "corr-1")

    assert (refused.value.code, str(refused.value)) == ("namespace_invalid", "invalid auth token")


def test_an_answer_that_drips_past_the_time_of_the_whole_question_denies():
    clock = iter([0.0, 0.0, 2.1])
    dripping = attrs.evolve(authority(lambda _request: status_of(200)), monotonic=lambda: next(clock))

    with pytest.raises(DecisionGateError) as refused:
        dripping.ensure(7, 12, "corr-1")

    assert (refused.value.code, refused.value.reason) == (
        "namespace_unavailable",
        "namespace authority error: ReadTimeout",
    )


def test_of_an_endless_body_only_the_beginning_is_read():
    class Endless(httpx.SyncByteStream):
        chunks = 0

        def __iter__(self):
            while True:
                self.chunks += 1
                yield b"x" * 16_384

    endless = Endless()

    authority(lambda _request: httpx.Response(200, stream=endless)).ensure(7, 12, "corr-1")

    assert endless.chunks == 5
