"""Search by words, with a bonus for the kind of document a question asks for (contract §10.1)."""

from collections.abc import Sequence
from typing import Final

import attrs

from decision_gate.mcp.docs.document import Document, Role, Section, sections

DEFAULT_SECTIONS: Final = 3
MAX_SECTIONS: Final = 10

_CUES: Final = {
    Role.REASONING: ("why", "trust", "evidence", "security", "invariant"),
    Role.DECISION: ("which tool", "precheck", "scenario", "runpack", "start", "next"),
    Role.ONTOLOGY: ("schema", "provider", "comparator", "condition", "ret", "jsonpath"),
    Role.PATTERN: ("playbook", "workflow", "recipe", "integration", "example"),
}
"""Texts that speak for a role, in the order in which ties are broken."""

_FOLLOWUPS: Final = {
    Role.DECISION: "Ask which tool does what, or in which order tools are called.",
    Role.REASONING: "Ask why evidence is trusted, withheld or missing.",
    Role.PATTERN: "Ask for an example or a recipe that fits the task.",
    Role.ONTOLOGY: "Ask what a condition, a comparator, a requirement or a provider is.",
}
"""What to ask next where a role is not covered, in the order in which it is suggested."""

_OVERVIEW_FOLLOWUP: Final = "Search for a word: a tool, a comparator, a provider, or what went wrong."

_HEADING_POINTS: Final = 3
_CONTENT_POINTS: Final = 1
_BEST_ROLE_POINTS: Final = 2
_OTHER_ROLE_POINTS: Final = 1


@attrs.frozen(kw_only=True)
class Hit:
    """A section that was found, and its document."""

    document: Document
    section: Section


@attrs.frozen(kw_only=True)
class Found:
    """What a search gives, best first, and what may be asked next."""

    hits: tuple[Hit, ...]
    followups: tuple[str, ...]

    @property
    def covered(self) -> tuple[Document, ...]:
        """The distinct documents, in the order of the hits."""
        return tuple({hit.document.doc_id: hit.document for hit in self.hits}.values())


class DocsSearch:
    """Searches one catalogue; its sections are split once."""

    def __init__(self, documents: Sequence[Document], max_sections: int) -> None:
        self._documents = documents
        self._sections = [
            (index, document, section) for index, document in enumerate(documents) for section in sections(document)
        ]
        self._most = min(max_sections, MAX_SECTIONS)

    def search(self, query: str, limit: int | None) -> Found:
        """Return at most *limit* sections, clamped to what is allowed; a blank query gives an overview."""
        wanted = max(1, min(DEFAULT_SECTIONS if limit is None else limit, self._most))
        text = query.strip().lower()
        if not text:
            return self._overview(wanted)
        terms, bonus = text.split(), _role_points(text)
        scored = [
            (-(points + bonus[document.role]), index, section.heading, document, section)
            for index, document, section in self._sections
            if (points := _points(section, terms))
        ]
        scored.sort(key=lambda entry: entry[:3])
        hits = tuple(Hit(document=document, section=section) for *_, document, section in scored[:wanted])
        roles = {hit.document.role for hit in hits}
        followups = tuple(text for role, text in _FOLLOWUPS.items() if role not in roles) if hits else ()
        return Found(hits=hits, followups=followups)

    def _overview(self, wanted: int) -> Found:
        first: dict[Role, Hit] = {}
        for _, document, section in self._sections:
            first.setdefault(document.role, Hit(document=document, section=section))
        hits = [first[role] for role in _CUES if role in first]
        return Found(hits=tuple(hits[: min(wanted, len(self._documents))]), followups=(_OVERVIEW_FOLLOWUP,))


def _points(section: Section, terms: Sequence[str]) -> int:
    heading, content = section.heading.lower(), section.content.lower()
    return sum(_HEADING_POINTS * (term in heading) + _CONTENT_POINTS * (term in content) for term in terms)


def _role_points(text: str) -> dict[Role, int]:
    counts = {role: sum(cue in text for cue in cues) for role, cues in _CUES.items()}
    points = {role: _OTHER_ROLE_POINTS if count else 0 for role, count in counts.items()}
    best = max(counts, key=lambda role: counts[role])  # the first of equals
    if counts[best]:
        points[best] = _BEST_ROLE_POINTS
    return points
