"""Look into a JSON report: each step knows its path, so that a refusal says where."""

import attrs

from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.mcp.evidence.report.errors import ReportInvalidError


@attrs.frozen
class JsonView:
    """A value of a report and where it stands; members that are null are absent."""

    value: JsonValue
    path: str

    def member(self, name: str) -> "JsonView | None":
        """Return a member of this object, None when it is absent or null.

        Raises:
            ReportInvalidError: this is no object.
        """
        found = self.members().get(name)
        return None if found is None else JsonView(found, f"{self.path}.{name}")

    def members(self) -> dict[str, JsonValue]:
        """Return this object.

        Raises:
            ReportInvalidError: it is none.
        """
        if not isinstance(self.value, dict):
            raise self.unfit("an object")
        return self.value

    def items(self) -> "list[JsonView]":
        """Return the items of this array.

        Raises:
            ReportInvalidError: it is none.
        """
        if not isinstance(self.value, list):
            raise self.unfit("an array")
        return [JsonView(item, f"{self.path}[{index}]") for index, item in enumerate(self.value)]

    def items_of(self, name: str) -> "list[JsonView]":
        """Return the items of a member; none when it is absent.

        Raises:
            ReportInvalidError: it is there and no array.
        """
        found = self.member(name)
        return [] if found is None else found.items()

    def text(self, name: str) -> str | None:
        """Return a member that is text, None when it is absent.

        Raises:
            ReportInvalidError: it is something else.
        """
        found = self.members().get(name)
        if found is None or isinstance(found, str):
            return found
        raise JsonView(found, f"{self.path}.{name}").unfit("a string")

    def whole(self, name: str) -> int | None:
        """Return a member that is a whole number, None when it is absent.

        Raises:
            ReportInvalidError: it is something else.
        """
        found = self.members().get(name)
        if found is None or (isinstance(found, int) and not isinstance(found, bool)):
            return found
        raise JsonView(found, f"{self.path}.{name}").unfit("a whole number")

    def unfit(self, expected: str) -> ReportInvalidError:
        """Make the refusal of this value."""
        return ReportInvalidError(f"{self.path} is not {expected}", path=self.path)


def read_json(content: bytes) -> JsonView:
    """Read a document strictly (deviation X13).

    Raises:
        ReportInvalidError: it is not strict JSON.
    """
    try:
        return JsonView(parse(content), "$")
    except JsonParseError as error:
        raise ReportInvalidError("not strict JSON", path="$") from error
