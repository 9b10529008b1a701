"""The policy of ``policies`` in the languages of other engines, over one dict of plain values.

The quorum is spelled out where a language cannot count. Cedar has no floats: 0.01 is its decimal, compared by a method.
"""

from typing import Any

CEL = """
c0 == true && c1 >= 80 && (c2 == "main" || c3 in ["amber", "green"]) && !(c4 == true)
&& ((c5 >= 2 && c6.contains("approved")) || (c5 >= 2 && c7 < 0.05) || (c6.contains("approved") && c7 < 0.05))
&& c8 != null && c9 != "failed"
"""

ZEN = """
c0 == true and c1 >= 80 and (c2 == "main" or c3 in ["amber", "green"]) and not (c4 == true)
and ((c5 >= 2 and contains(c6, "approved")) or (c5 >= 2 and c7 < 0.05) or (contains(c6, "approved") and c7 < 0.05))
and c8 != null and c9 != "failed"
""".replace("\n", " ")

CEDAR = """
permit(principal, action, resource) when {
  context.c0 == true && context.c1 >= 80
  && (context.c2 == "main" || ["amber", "green"].contains(context.c3))
  && !(context.c4 == true)
  && ((context.c5 >= 2 && context.c6 like "*approved*")
      || (context.c5 >= 2 && context.c7.lessThan(decimal("0.05")))
      || (context.c6 like "*approved*" && context.c7.lessThan(decimal("0.05"))))
  && context has c8 && context.c9 != "failed"
};
"""


def cedar_context(values: dict[str, Any]) -> dict[str, Any]:
    """Return *values* as Cedar takes them."""
    return {
        name: {"__extn": {"fn": "decimal", "arg": str(value)}} if isinstance(value, float) else value
        for name, value in values.items()
    }
