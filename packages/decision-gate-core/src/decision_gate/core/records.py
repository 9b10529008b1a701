"""Making the records that a step makes by the dozen, at half the price.

Calling a frozen class collects keywords in a dictionary and looks every field's name up once more to set it. A function
that sets the slots does neither. INVARIANT: nothing but the names of fields is ever written into source.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import attrs

Record = TypeVar("Record")


def maker(kind: type[Record]) -> Callable[..., Record]:
    """Return a function of all fields of *kind*, in order, that makes what calling *kind* with them makes.

    For frozen records with slots, without validators and converters.

    Raises:
        TypeError: *kind* is another sort of class.
    """
    # No field begins with two underscores: in the body of a class such a name becomes another one.
    names: dict[str, Any] = {"__kind": kind, "__new": object.__new__}
    lines = []
    for field in attrs.fields(kind):  # type: ignore[arg-type]  # mypy cannot demand an attrs class and keep its type
        setter = getattr(vars(kind).get(field.name), "__set__", None)
        if setter is None or field.validator is not None or field.converter is not None:
            raise TypeError(f"{kind.__name__}.{field.name} needs the initializer of its class")
        names[f"__set_{field.name}"] = setter
        lines.append(f" __set_{field.name}(__made, {field.name})")
    fields = [field.name for field in attrs.fields(kind)]  # type: ignore[arg-type]  # see above
    source = "\n".join((f"def make({', '.join(fields)}):", " __made = __new(__kind)", *lines, " return __made"))
    exec(compile(source, f"<maker of {kind.__qualname__}>", "exec"), names)  # noqa: S102 - names of fields only
    make: Callable[..., Record] = names["make"]
    return make
