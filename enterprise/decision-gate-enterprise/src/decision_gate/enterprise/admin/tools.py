"""Administration as tools: one for each use case but those of the console, for administrators only.

They pass the guards like every tool and are billed like every call; the service judges the role once more.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import attrs

from decision_gate.core.json import plain
from decision_gate.enterprise.admin.actor import actor_of, is_administrator
from decision_gate.enterprise.admin.errors import AdminDeniedError
from decision_gate.enterprise.admin.fields import read_request
from decision_gate.enterprise.admin.opening import AdminSettings, open_administration
from decision_gate.enterprise.admin.schemas import request_schema
from decision_gate.enterprise.admin.service import AdminService, Means
from decision_gate.enterprise.admin.use_case import UseCase
from decision_gate.enterprise.admin.use_cases import USE_CASES
from decision_gate.enterprise.tenancy.roles import ADMIN_PREFIX
from decision_gate.enterprise.transactions import Transactions
from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.tool_authorizer import ToolVisibility
from decision_gate.mcp.tools.call import Call, Place, Tool
from decision_gate.mcp.tools.catalogue import ToolText


@attrs.frozen(kw_only=True)
class AdminToolSettings(AdminSettings):
    """``[[tool_families]]`` of type ``admin``."""


@attrs.frozen(kw_only=True)
class AdminArguments:
    """Arguments of every tool here: an object, which the use case reads strictly."""


@attrs.frozen(kw_only=True)
class AdminTools:
    """The ``ToolFamily`` of administration."""

    database: Transactions
    means: Means

    def tools(self) -> Sequence[Tool]:
        """See ``ToolFamily``."""
        return tuple(
            Tool(
                name=tool_name(use_case),
                arguments=AdminArguments,
                # Judged and billed where the administrator is at home; the use case judges the tenant it is about.
                place=lambda _arguments: Place(),
                work=partial(self._work, use_case),
            )
            for use_case in _served()
        )

    def texts(self) -> Sequence[ToolText]:
        """See ``ToolFamily``."""
        return tuple(
            ToolText(name=tool_name(use_case), description=use_case.summary, input_schema=request_schema(use_case))
            for use_case in _served()
        )

    def _work(self, use_case: UseCase, call: Call) -> bytes:
        service = AdminService(database=self.database, sink=call.sink, means=self.means)
        request = read_request(use_case, call.sent)
        actor = actor_of(call.principal, call.request.server_correlation_id)
        try:
            return plain(service.perform(use_case, request, actor, call.request.idempotency_key))
        except AdminDeniedError as denied:
            raise UnauthorizedError(denied.reason) from denied


class AdminsOnly:
    """A ``ToolVisibility`` for which the tools of administration exist for administrators alone."""

    def __init__(self, inner: ToolVisibility) -> None:
        self._inner = inner

    def is_listed(self, principal: Principal, tool: str) -> bool:
        """See ``ToolVisibility``."""
        return _may_see(principal, tool) and self._inner.is_listed(principal, tool)

    def is_callable(self, principal: Principal, tool: str) -> bool:
        """See ``ToolVisibility``."""
        return _may_see(principal, tool) and self._inner.is_callable(principal, tool)


@contextmanager
def open_admin_tools(settings: AdminToolSettings) -> Iterator[AdminTools]:
    """Open the tool family ``admin``."""
    with open_administration(settings) as (database, means):
        yield AdminTools(database=database, means=means)


def tool_name(use_case: UseCase) -> str:
    """Return the name of the tool of a use case."""
    return ADMIN_PREFIX + use_case.name.replace(".", "_").replace("-", "_")


def _served() -> list[UseCase]:
    return [use_case for use_case in USE_CASES if use_case.method is not None]


def _may_see(principal: Principal, tool: str) -> bool:
    return not tool.startswith(ADMIN_PREFIX) or is_administrator(principal)
