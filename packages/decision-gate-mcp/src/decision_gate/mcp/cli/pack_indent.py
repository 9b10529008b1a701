"""Indented copies of a run pack, for people who read it in an editor."""

from pathlib import Path
from typing import Final

import orjson

from decision_gate.core.json import parse
from decision_gate.core.ports import ArtifactError
from decision_gate.core.runpack import REPORT, REQUIRED
from decision_gate.mcp.cli.packs import PackPlace
from decision_gate.mcp.runpacks.folder import open_folder

_OPTIONS: Final = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def write_indented(place: PackPlace, target: Path) -> int:
    """Write the manifest and every JSON artifact of the pack, indented, into *target*; return how many files.

    Only the files of the layout are copied: a name that a manifest invents is not followed.

    Raises:
        ArtifactError: The pack cannot be read, the copies cannot be written, or *target* is the pack itself.
        JsonParseError: A file of the pack is not JSON.
    """
    if target.resolve() == place.folder.resolve():
        raise ArtifactError("the output folder is the run pack itself, which would not verify any more")
    with place.opened() as (manifest, reader), open_folder(target, create=True) as copies:
        present = reader.paths()
        contents = {place.manifest.name: manifest}
        for artifact in (*REQUIRED, REPORT):
            if artifact.path in present:
                contents[artifact.path] = b"".join(reader.chunks(artifact.path))
        for path, content in contents.items():
            copies.write(path, (orjson.dumps(parse(content), None, _OPTIONS),))
    return len(contents)
