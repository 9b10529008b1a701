"""The groups of administration: one command for each use case, its options from the request that it takes."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import click

from decision_gate.core.json import JsonValue
from decision_gate.enterprise.admin.fields import read_request
from decision_gate.enterprise.admin.idempotency import MAX_KEY_LENGTH
from decision_gate.enterprise.admin.schemas import request_schema
from decision_gate.enterprise.admin.use_case import UseCase
from decision_gate.enterprise.admin.use_cases import USE_CASES
from decision_gate.enterprise.cli.deployment import in_deployment, opened_service, perform_at_console
from decision_gate.enterprise.cli.output import write_answer
from decision_gate.mcp.cli.handled import HandledCommand
from decision_gate.mcp.cli.output import write_json

_HELP: Final = {
    "org": "Make and list organisations, change their state.",
    "tenant": "Provision, make and list tenants, change their state.",
    "namespace": "Make and list namespaces, change their state.",
    "principal": "Make and list principals, change state and roles.",
    "grant": "Say who may do what where.",
    "key": "Issue, rotate, revoke and recover API keys.",
}


def _group(family: str) -> click.Group:
    group = click.Group(name=family, help=_HELP[family], context_settings={"help_option_names": ["-h", "--help"]})
    for use_case in USE_CASES:
        if use_case.family == family:
            group.add_command(_command(use_case))
    return group


def _command(use_case: UseCase) -> click.Command:
    def callback(*, folder: Path, config: str | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click's
        idempotency_key = given.pop("idempotency_key", None)
        # An option that may be repeated and was not given is empty: absent, not a list that allows nothing.
        sent: dict[str, JsonValue] = {name: _sent(value) for name, value in given.items() if value not in (None, ())}
        with opened_service(folder, config) as service:
            answer = perform_at_console(service, use_case, read_request(use_case, sent), idempotency_key)
        if as_json:
            write_json(answer)
        else:
            write_answer(answer)

    command: Callable[..., None] = callback
    for option in _options(use_case):
        command = option(command)
    return click.command(name=use_case.verb, cls=HandledCommand, help=use_case.summary, epilog=_example(use_case))(
        in_deployment(command)
    )


def _options(use_case: UseCase) -> Iterable[Callable[..., Any]]:
    """Return the options of a use case, the last one first, as decorators are applied."""
    yield click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    if use_case.is_change:
        yield click.option(
            "--idempotency-key", help=f"Does it once and answers the same; at most {MAX_KEY_LENGTH} characters."
        )
    schema = request_schema(use_case)
    properties, required = schema["properties"], schema["required"]
    if not isinstance(properties, dict) or not isinstance(required, list):
        return
    for name, member in reversed(properties.items()):
        if isinstance(member, dict):
            yield click.option(f"--{name.replace('_', '-')}", name, required=name in required, **_kind(member))


def _kind(member: dict[str, JsonValue]) -> dict[str, Any]:
    """Return how click reads the values of a field; an option that is not given leaves the default to the request."""
    allowed = member.get("enum")
    default = member.get("default")
    shown = {} if default is None else {"help": f"{str(default).lower()} unless given."}
    if isinstance(allowed, list):
        return {"type": click.Choice([str(word) for word in allowed]), **shown}
    match member.get("type"):
        case "integer":
            return {"type": int, **shown}
        case "boolean":
            return {"type": bool, **shown}
        case "array":
            items = member.get("items")
            is_integer = isinstance(items, dict) and items.get("type") == "integer"
            return {"type": int if is_integer else str, "multiple": True, "default": None, "help": "May be repeated."}
        case _:
            return {"type": str, **shown}


def _sent(value: Any) -> JsonValue:  # noqa: ANN401 - what click read
    return [*value] if isinstance(value, tuple) else value


def _example(use_case: UseCase) -> str:
    required = request_schema(use_case)["required"]
    options = "".join(
        f" --{str(name).replace('_', '-')} …" for name in (required if isinstance(required, list) else ())
    )
    return f"\b\nExamples:\n  decision-gate cloud {use_case.family} {use_case.verb} --dir gate{options}"


org = _group("org")
tenant = _group("tenant")
namespace = _group("namespace")
principal = _group("principal")
grant = _group("grant")
key = _group("key")
