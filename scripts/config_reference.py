"""Write the reference of the configuration, and its JSON Schema, from the classes that read the file.

Usage: ``python scripts/config_reference.py``; a test fails when what is there is not what this would write.
"""

import sys
from pathlib import Path

import orjson

from decision_gate.mcp.config_view.page import configuration_page
from decision_gate.mcp.config_view.schema import SCHEMA_FILE, config_schema

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = Path("docs/reference")


def generated() -> dict[Path, bytes]:
    """Return the content of every generated file by its path below the root."""
    schema = orjson.dumps(config_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return {REFERENCE / "configuration.md": configuration_page().encode(), REFERENCE / SCHEMA_FILE: schema}


def main() -> None:
    """Write what is not there yet, and say so."""
    for path, content in generated().items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != content:
            target.write_bytes(content)
            print(f"wrote {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
