"""Indented copies of a run pack, for people who read it in an editor."""

from os.path import realpath
from pathlib import Path
from typing import Final

import orjson

from decision_gate.core.json import JsonParseError, parse
from decision_gate.core.limits import MAX_RECORD_DEPTH
from decision_gate.core.ports import ArtifactError
from decision_gate.core.runpack import REPORT, REQUIRED
from decision_gate.mcp.cli.naming import named_folder, naming
from decision_gate.mcp.cli.packs import PackPlace

_OPTIONS: Final = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def write_indented(place: PackPlace, target: Path) -> int:
    """Write the manifest and every JSON artifact of the pack, indented, into *target*; return how many files.

    Only the files of the layout are copied: a name that a manifest invents is not followed.

    Raises:
        ArtifactError: The pack cannot be read, the copies cannot be written, or *target* is the pack itself.
        NamedFileError: A file of the pack is not JSON, or *target* is no folder.
    """
    if realpath(target) == realpath(place.folder):
        raise ArtifactError("the output folder is the run pack itself, which would not verify any more")
    with place.opened() as (manifest, reader), named_folder(target, create=True) as copies:
        present = reader.paths()
        contents = {place.manifest.name: manifest}
        for artifact in (*REQUIRED, REPORT):
            if artifact.path in present:
                with naming(place.folder / artifact.path, ArtifactError):
                    contents[artifact.path] = b"".join(reader.chunks(artifact.path))
        for path, content in contents.items():
            with naming(place.folder / path, JsonParseError):
                indented = orjson.dumps(parse(content, max_depth=MAX_RECORD_DEPTH), None, _OPTIONS)
            copies.write(path, (indented,))
    return len(contents)
