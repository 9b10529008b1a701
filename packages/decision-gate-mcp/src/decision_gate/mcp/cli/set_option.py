"""The option type of ``--set CONDITION=JSON`` and its like."""

import click

from decision_gate.core.json import JsonParseError, JsonValue, parse


class Assignment(click.ParamType[tuple[str, JsonValue]]):
    """A name, ``=``, and a JSON value; text that is no JSON is refused rather than taken for a string."""

    def __init__(self, name: str = "CONDITION=JSON") -> None:
        self.name = name

    def convert(
        self, value: str | tuple[str, JsonValue], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, JsonValue]:
        """Read one assignment; fails as a usage error."""
        if isinstance(value, tuple):
            return value
        name, equals, text = value.partition("=")
        if not name or not equals:
            self.fail(f"{value!r} is not {self.name}, for example approved=true", param, ctx)
        try:
            return name, parse(text)
        except JsonParseError:
            self.fail(f"{text!r} is not JSON; a text is written in quotes: {name}='\"{text}\"'", param, ctx)
