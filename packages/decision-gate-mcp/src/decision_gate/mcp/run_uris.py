"""How MCP names a run and its run pack: ``decision-gate://runs/{tenant}/{namespace}/{scenario}/{run}[/runpack]``.

Ids may hold any character, ``/`` included; each is one percent-encoded segment (deviation S11).
"""

import re
from typing import Final
from urllib.parse import quote, unquote

import attrs

RUN_TEMPLATE: Final = "decision-gate://runs/{tenant_id}/{namespace_id}/{scenario_id}/{run_id}"
RUNPACK_TEMPLATE: Final = f"{RUN_TEMPLATE}/runpack"

_PREFIX: Final = "decision-gate://runs/"
_PATTERN: Final = re.compile(
    _PREFIX
    + r"(?P<tenant>[0-9]{1,20})/(?P<namespace>[0-9]{1,20})/(?P<scenario>[^/]+)/(?P<run>[^/]+)(?P<pack>/runpack)?",
    re.ASCII,
)


@attrs.frozen(kw_only=True)
class RunUri:
    """A run, or with ``is_runpack`` the manifest of its run pack."""

    tenant_id: int
    namespace_id: int
    scenario_id: str
    run_id: str
    is_runpack: bool = False

    def __str__(self) -> str:
        scenario, run = (quote(name, safe="") for name in (self.scenario_id, self.run_id))
        tail = "/runpack" if self.is_runpack else ""
        return f"{_PREFIX}{self.tenant_id}/{self.namespace_id}/{scenario}/{run}{tail}"


def parse_run_uri(uri: str) -> RunUri | None:
    """Return what a URI names, none when it does not name a run. Whether there is such a run is not asked."""
    found = _PATTERN.fullmatch(uri)
    if found is None:
        return None
    return RunUri(
        tenant_id=int(found["tenant"]),
        namespace_id=int(found["namespace"]),
        scenario_id=unquote(found["scenario"]),
        run_id=unquote(found["run"]),
        is_runpack=found["pack"] is not None,
    )
