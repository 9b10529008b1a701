"""The requirement tree: what has to be true before work may go on (contract §4)."""

from typing import TypeAlias

import attrs


@attrs.frozen(kw_only=True)
class Condition:
    """A leaf: the status of one condition; an id that nobody knows is UNKNOWN."""

    condition_id: str


@attrs.frozen(kw_only=True)
class Not:
    """True when the inner requirement is false."""

    requirement: "Requirement"


@attrs.frozen(kw_only=True)
class And:
    """True when every member is true; without members it is true."""

    requirements: "tuple[Requirement, ...]"


@attrs.frozen(kw_only=True)
class Or:
    """True when a member is true; without members it is false."""

    requirements: "tuple[Requirement, ...]"


@attrs.frozen(kw_only=True)
class RequireGroup:
    """True when at least ``min`` members are true; ``min`` 0 is always true, ``min`` above the member count is always false."""

    min: int
    requirements: "tuple[Requirement, ...]"


Requirement: TypeAlias = And | Or | Not | RequireGroup | Condition
