"""Which documents there are: the built-in ones, then those of ``docs.extra_paths`` (contract §10.1)."""

import logging
import os
import re
import stat
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from decision_gate.core.json import parse
from decision_gate.mcp.config.docs import DocsTable
from decision_gate.mcp.docs.document import Document, Role
from decision_gate.mcp.docs.errors import DocsCatalogError

PREFIX: Final = "decision-gate://docs/"

_LOG = logging.getLogger(__name__)
_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9]")


@cache
def built_in_documents() -> tuple[Document, ...]:
    """Read the documents that come with the server, in the order of contract §10.1."""
    corpus = resources.files("decision_gate.mcp.docs").joinpath("corpus")
    entries: list[dict[str, str]] = parse(corpus.joinpath("corpus.json").read_bytes())  # type: ignore[assignment] # our own file
    return tuple(
        Document(
            doc_id=entry["doc_id"],
            uri=PREFIX + entry["uri"],
            role=Role(entry["role"]),
            title=entry["title"],
            description=entry["description"],
            body=corpus.joinpath(f"{entry['doc_id']}.md").read_text(encoding="utf-8").strip(),
        )
        for entry in entries
    )


def read_catalogue(table: DocsTable) -> tuple[Document, ...]:
    """Return the documents that a configuration offers; none when documentation is off.

    An extra file that is too large, blank, or no Markdown is skipped with a warning, and so is what no longer fits.

    Raises:
        DocsCatalogError: The built-in documents do not fit, or an extra path is not there or not readable.
    """
    if not table.enabled:
        return ()
    documents = list(built_in_documents()) if table.include_default_docs else []
    _demand_room(documents, table)
    total = sum(document.size for document in documents)
    for document in _extra_documents(table):
        if len(documents) >= table.max_docs:
            _LOG.warning("docs.max_docs reached, further documents are left out")
            break
        if total + document.size > table.max_total_bytes:
            _LOG.warning("docs.max_total_bytes reached, %s is left out", document.doc_id)
            continue
        documents.append(document)
        total += document.size
    return tuple(documents)


def _demand_room(documents: Sequence[Document], table: DocsTable) -> None:
    sizes = [document.size for document in documents]
    for name, need, limit in (
        ("max_doc_bytes", max(sizes, default=0), table.max_doc_bytes),
        ("max_docs", len(sizes), table.max_docs),
        ("max_total_bytes", sum(sizes), table.max_total_bytes),
    ):
        if need > limit:
            raise DocsCatalogError(f"invalid: docs.{name} too small for default corpus")


def _extra_documents(table: DocsTable) -> Iterator[Document]:
    taken: dict[str, int] = {}
    for text in table.extra_paths:
        path = Path(text)
        if not path.exists():
            raise DocsCatalogError(f"io error: docs.extra_paths missing: {text}")
        for file in _markdown_files(path):
            body = _body(file, table.max_doc_bytes)
            if body is None:
                continue
            base = _NOT_IN_IDS.sub("_", file.stem).lower()
            taken[base] = taken.get(base, 0) + 1
            doc_id = base if taken[base] == 1 else f"{base}_{taken[base]}"
            first = body.partition("\n")[0]
            yield Document(
                doc_id=doc_id,
                uri=f"{PREFIX}custom/{doc_id}",
                role=Role.PATTERN,
                title=first[2:].strip() if first.startswith("# ") else file.stem,
                description=f"Document {file.name} of this server.",
                body=body,
            )


def _markdown_files(path: Path) -> Iterator[Path]:
    """Give the Markdown files below a path in the order of their names; a folder is entered once, links included."""
    if not path.is_dir():
        if path.suffix.lower() == ".md":
            yield path
        else:
            _LOG.warning("docs.extra_paths: %s is no Markdown file and is left out", path)
        return
    entered: set[str] = set()
    for folder, names, files in os.walk(path, followlinks=True):
        real = os.path.realpath(folder)
        if real in entered:
            names.clear()
            continue
        entered.add(real)
        names.sort()
        yield from (Path(folder, name) for name in sorted(files) if name.lower().endswith(".md"))


def _body(file: Path, limit: int) -> str | None:
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > limit:
            _LOG.warning("docs.extra_paths: %s is too large or no regular file and is left out", file)
            return None
        body = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DocsCatalogError(f"io error: docs.extra_paths unreadable: {file}") from error
    if not body:
        _LOG.warning("docs.extra_paths: %s is blank and is left out", file)
        return None
    return body
