"""A document and its sections (contract §10.1)."""

from enum import StrEnum

import attrs


class Role(StrEnum):
    """What a document is for: why, which tool, what things are, how it is done."""

    REASONING = "reasoning"
    DECISION = "decision"
    ONTOLOGY = "ontology"
    PATTERN = "pattern"


@attrs.frozen(kw_only=True)
class Section:
    """A heading and what stands below it, up to the next heading of the second or third level."""

    heading: str
    content: str


@attrs.frozen(kw_only=True)
class Document:
    """One document of the catalogue."""

    doc_id: str
    uri: str
    role: Role
    title: str
    description: str
    body: str

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.body.encode())


def sections(document: Document) -> tuple[Section, ...]:
    """Split a document at lines that begin a second or third level; what stands before belongs to the title.

    A line within a code fence counts like any other, as in the reference. A section without heading and content is
    left out.
    """
    found: list[Section] = []
    heading, lines = document.title, list[str]()
    for line in document.body.splitlines():
        if line.startswith(_HEADINGS):
            found.append(Section(heading=heading, content="\n".join(lines).strip()))
            heading, lines = line.lstrip("#").strip(), []
        else:
            lines.append(line)
    found.append(Section(heading=heading, content="\n".join(lines).strip()))
    if not found[0].content and len(found) > 1:
        del found[0]
    return tuple(section for section in found if section.heading or section.content)


_HEADINGS = ("## ", "### ")
