"""The conformance suite of ``Authenticator``."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from decision_gate.mcp.hooks.authenticator import Authenticator
from decision_gate.mcp.hooks.errors import UnauthenticatedError, UnauthorizedError
from decision_gate.mcp.hooks.request import RequestContext

_THREADS = 8


@attrs.frozen(kw_only=True)
class AuthenticatorBench:
    """An authenticator, and requests for it.

    ``admitted`` must be recognised; ``unrecognised`` must be refused as unauthenticated, each of them; ``secrets`` are
    texts that no error may repeat.
    """

    authenticator: Authenticator
    admitted: RequestContext
    unrecognised: tuple[RequestContext, ...]
    secrets: tuple[str, ...] = ()


class AuthenticatorConformance:
    """What every ``Authenticator`` must do; a plug-in overrides ``bench``."""

    @pytest.fixture
    def bench(self) -> AuthenticatorBench:
        """Return a fresh authenticator; a plug-in overrides this."""
        raise NotImplementedError

    def test_an_admitted_request_is_recognised_the_same_way_every_time(self, bench: AuthenticatorBench) -> None:
        first = bench.authenticator.authenticate(bench.admitted)

        assert first.id
        assert first.method
        assert bench.authenticator.authenticate(bench.admitted) == first

    def test_an_unrecognised_request_is_unauthenticated_with_a_reason_and_a_fixed_text(
        self, bench: AuthenticatorBench
    ) -> None:
        for request in bench.unrecognised:
            with pytest.raises(UnauthenticatedError) as refused:
                bench.authenticator.authenticate(request)

            assert str(refused.value) == "unauthenticated"
            assert refused.value.reason

    def test_no_refusal_repeats_a_secret(self, bench: AuthenticatorBench) -> None:
        for request in bench.unrecognised:
            with pytest.raises(UnauthenticatedError) as refused:
                bench.authenticator.authenticate(request)

            assert not any(secret in refused.value.reason for secret in bench.secrets)

    def test_a_request_without_anything_is_never_admitted(self, bench: AuthenticatorBench) -> None:
        empty = RequestContext(transport="http", server_correlation_id="dg-0")

        with pytest.raises((UnauthenticatedError, UnauthorizedError)):
            bench.authenticator.authenticate(empty)

    def test_callers_at_once_are_not_mixed_up(self, bench: AuthenticatorBench) -> None:
        expected = bench.authenticator.authenticate(bench.admitted)
        requests = [bench.admitted, *bench.unrecognised] * _THREADS

        with ThreadPoolExecutor(_THREADS) as pool:
            seen = list(pool.map(_outcome(bench.authenticator), requests))

        assert all(outcome in (expected, None) for outcome in seen)
        assert seen.count(expected) == _THREADS


def _outcome(authenticator: Authenticator) -> Callable[[RequestContext], object]:
    def outcome(request: RequestContext) -> object:
        try:
            return authenticator.authenticate(request)
        except (UnauthenticatedError, UnauthorizedError):
            return None

    return outcome
