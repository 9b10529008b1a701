"""The authenticator ``api_key``: opaque keys for programs.

Format and checksum → remembered proof, or row and argon2id → state of the key → who it is and what it may. The secret
is proven before anything else about a key is told, and what is not proven costs the same whether the key exists or not;
an address that fails too often is turned away before it costs anything.
"""

import hashlib
import hmac
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Final

import attrs

from decision_gate.core.errors import StoreError
from decision_gate.enterprise.database import now_ms
from decision_gate.enterprise.identity.failures import Failures
from decision_gate.enterprise.identity.hashing import SecretHasher
from decision_gate.enterprise.identity.key_text import KeyText, parse_key
from decision_gate.enterprise.identity.keys import ApiKey, find_key, identity_tables, note_use
from decision_gate.enterprise.identity.profiles import Credential, caller
from decision_gate.enterprise.tenancy.access import Access, read_access
from decision_gate.enterprise.tenancy.authorizer import monotonic_ms
from decision_gate.enterprise.tenancy.recent import Recent
from decision_gate.enterprise.tenancy.scoped import ScopedPrincipal
from decision_gate.enterprise.tenancy.settings import DirectorySettings
from decision_gate.enterprise.tenancy.tables import tenancy_tables
from decision_gate.enterprise.transactions import Transactions, open_transactions
from decision_gate.mcp.config.kinds import Integer, Secret
from decision_gate.mcp.config.secrets import SecretSource
from decision_gate.mcp.config.table import key
from decision_gate.mcp.hooks.bearer import CHALLENGE, bearer_token
from decision_gate.mcp.hooks.errors import UnauthenticatedError
from decision_gate.mcp.hooks.local_only import STDIO
from decision_gate.mcp.hooks.request import RequestContext

METHOD: Final = "api_key"
_USE_EVERY_MS: Final = 60_000
_MOST_PROVEN: Final = 10_000
_REFUSED: Final = "invalid api key"


@attrs.frozen(kw_only=True)
class ApiKeySettings(DirectorySettings):
    """``[authenticator]`` of type ``api_key``."""

    max_hashing: int = key(
        Integer(low=2, high=64), "Most secrets that are hashed at the same time; each takes 19 MiB.", default=4
    )
    failures_per_minute: int = key(
        Integer(low=1, high=60_000),
        "Wrong or invented keys of one address a minute; past that, only keys already proven are admitted from there.",
        default=60,
    )
    stdio_key: SecretSource | None = key(
        Secret(), "Key of whoever is at the other end of standard input and output, which has no header.", default=None
    )

    @property
    def recognises_stdio(self) -> bool:
        """Whether a server may be configured for standard input and output."""
        return self.stdio_key is not None


@attrs.frozen(kw_only=True)
class Clocks:
    """Wall and monotonic clock, in milliseconds."""

    now_ms: Callable[[], int]
    monotonic_ms: Callable[[], float]


class ApiKeyAuthenticator:
    """An ``Authenticator`` of API keys.

    A proven secret is remembered for the life of the process as a digest under a key that only this process has, so
    argon2id is paid once. What the database says about the key and its principal is never older than *max_age_ms*.
    """

    def __init__(
        self,
        database: Transactions,
        *,
        hasher: SecretHasher,
        failures: Failures,
        max_age_ms: int,
        clocks: Clocks,
        stdio_key: str | None = None,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._failures = failures
        self._clocks = clocks
        self._stdio_key = stdio_key
        self._keys: Recent[str, ApiKey | None] = Recent(
            lambda key_id: find_key(database, key_id), max_age_ms=max_age_ms, monotonic_ms=clocks.monotonic_ms
        )
        self._access: Recent[str, Access | None] = Recent(
            lambda principal_id: read_access(database, principal_id),
            max_age_ms=max_age_ms,
            monotonic_ms=clocks.monotonic_ms,
        )
        self._pepper = os.urandom(32)
        self._proven: OrderedDict[str, bytes] = OrderedDict()
        self._under_way: dict[bytes, Future[bool]] = {}
        self._used: dict[str, float] = {}
        self._lock = threading.Lock()

    def authenticate(self, request: RequestContext) -> ScopedPrincipal:
        """See ``Authenticator``."""
        presented = parse_key(self._token(request))
        if presented is None:
            raise UnauthenticatedError(_REFUSED)
        known = self._keys.get(presented.key_id)
        if known is not None and known.environment is not presented.environment:
            known = None
        found = self._proven_key(presented, known, request.peer_ip or request.transport)
        refusal = found.refusal(self._clocks.now_ms())
        if refusal is not None:
            raise UnauthenticatedError(refusal)
        admitted = caller(self._access.get(found.principal_id), _credential(found))
        self._note_use(found.key_id)
        return admitted

    def challenge(self) -> str:
        """Return the bearer challenge of this realm."""
        return CHALLENGE

    def _token(self, request: RequestContext) -> str:
        if request.transport == STDIO and self._stdio_key is not None:
            return self._stdio_key
        return bearer_token(request.auth_header)

    def _proven_key(self, presented: KeyText, known: ApiKey | None, address: str) -> ApiKey:
        """Return the key whose secret is presented: one remembered, or one hashed now; as long where there is none."""
        if known is not None and self._is_remembered(presented, known):
            return known
        self._failures.demand_room(address, self._clocks.monotonic_ms())
        if known is None:
            self._hasher.waste(presented.secret)
        elif self._is_secret(presented, known):
            with self._lock:
                self._proven[known.key_id] = self._digest(presented, known)
                while len(self._proven) > _MOST_PROVEN:
                    self._proven.popitem(last=False)
            return known
        self._failures.note(address, self._clocks.monotonic_ms())
        raise UnauthenticatedError(_REFUSED)

    def _is_secret(self, presented: KeyText, known: ApiKey) -> bool:
        """Hash a secret once for all who present it at this moment: after a start, many callers come with one key."""
        digest = self._digest(presented, known)
        mine: Future[bool] = Future()
        with self._lock:
            first = self._under_way.setdefault(digest, mine)
        if first is not mine:
            return first.result()
        try:
            mine.set_result(self._hasher.is_secret_of(known.secret_hash, presented.secret))
        except BaseException as error:
            mine.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._under_way[digest]
        return mine.result()

    def _is_remembered(self, presented: KeyText, known: ApiKey) -> bool:
        with self._lock:
            proven = self._proven.get(known.key_id)
        return proven is not None and hmac.compare_digest(proven, self._digest(presented, known))

    def _digest(self, presented: KeyText, known: ApiKey) -> bytes:
        return hmac.digest(self._pepper, f"{known.secret_hash} {presented.secret}".encode(), hashlib.sha256)

    def _note_use(self, key_id: str) -> None:
        """Keep the time of use once a minute; a database that cannot take it must not cost the caller its answer."""
        at = self._clocks.monotonic_ms()
        with self._lock:
            last = self._used.get(key_id)
            if last is not None and at - last < _USE_EVERY_MS:
                return
            if len(self._used) >= _MOST_PROVEN:
                self._used.clear()
            self._used[key_id] = at
        with suppress(StoreError):
            note_use(self._database, key_id, self._clocks.now_ms())


def _credential(found: ApiKey) -> Credential:
    return Credential(
        method=METHOD,
        subject=found.prefix,
        tenants=None if found.is_spanning else frozenset({found.tenant_id}),
        namespaces=None if found.namespaces is None else frozenset(found.namespaces),
        tools=None if found.tools is None else frozenset(found.tools),
    )


@contextmanager
def open_api_key(settings: ApiKeySettings) -> Iterator[ApiKeyAuthenticator]:
    """Open the authenticator ``api_key`` on the database of the runs.

    Raises:
        SecretUnavailableError: The key of the other end of standard input cannot be had.
    """
    stdio_key = None if settings.stdio_key is None else settings.stdio_key.reveal(os.environ)
    with open_transactions(settings, [tenancy_tables(), identity_tables()]) as database:
        yield ApiKeyAuthenticator(
            database,
            hasher=SecretHasher(most=settings.max_hashing),
            failures=Failures(per_minute=settings.failures_per_minute),
            max_age_ms=settings.max_age_ms,
            stdio_key=stdio_key,
            clocks=Clocks(now_ms=now_ms, monotonic_ms=monotonic_ms),
        )
