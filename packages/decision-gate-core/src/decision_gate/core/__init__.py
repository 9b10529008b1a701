"""Decide whether a piece of work may go on: a pure engine over ports (``docs/explanation/architecture.md``)."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decision_gate.core.evaluation import Decision, evaluate

__all__ = ["Decision", "evaluate"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the façade holds
    # On first use: the model behind the façade costs a tenth of a second, and every importer of a room below pays it.
    if name in __all__:
        return getattr(import_module("decision_gate.core.evaluation"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
