"""Documentation on the wire: the search tool, ``resources/list`` and ``resources/read`` (contract §2.18, §10.2)."""

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from decision_gate.core.json import JsonValue, plain
from decision_gate.mcp.docs.catalogue import PREFIX
from decision_gate.mcp.docs.document import Document
from decision_gate.mcp.docs.search import DocsSearch
from decision_gate.mcp.errors import InvalidParamsError
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.tool_authorizer import ToolVisibility
from decision_gate.mcp.tools.arguments import SearchArguments
from decision_gate.mcp.tools.call import Call, Place, Tool
from decision_gate.mcp.tools.router import Method

SEARCH_TOOL: Final = "decision_gate_docs_search"
MARKDOWN: Final = "text/markdown"


@attrs.frozen(kw_only=True)
class DocsTools:
    """The documentation family over one catalogue."""

    documents: Sequence[Document]
    search_engine: DocsSearch

    def tools(self) -> tuple[Tool, ...]:
        """Return the one tool."""
        return (Tool(name=SEARCH_TOOL, arguments=SearchArguments, place=lambda _arguments: Place(), work=self.search),)

    def methods(self) -> Mapping[str, Method]:
        """Return the two methods."""
        return {
            "resources/list": Method(check=lambda _params: None, answer=self.list_resources),
            "resources/read": Method(check=_check_uri, answer=self.read_resource),
        }

    def search(self, call: Call) -> bytes:
        """Return the best sections, which documents they are of, and what may be asked next."""
        arguments: SearchArguments = call.arguments
        found = self.search_engine.search(arguments.query, arguments.max_sections)
        hits: list[JsonValue] = [
            {
                "rank": rank,
                **_reference(hit.document),
                "heading": hit.section.heading,
                "content": hit.section.content,
            }
            for rank, hit in enumerate(found.hits)
        ]
        covered: list[JsonValue] = [_reference(document) for document in found.covered]
        return plain({"sections": hits, "docs_covered": covered, "suggested_followups": list(found.followups)})

    def list_resources(self, params: JsonValue) -> bytes:
        """Return an entry for every document, in the order of the catalogue."""
        del params
        entries: list[JsonValue] = [
            {
                "uri": document.uri,
                "name": document.title,
                "description": document.description,
                "mimeType": MARKDOWN,
            }
            for document in self.documents
        ]
        return plain({"resources": entries})

    def read_resource(self, params: JsonValue) -> bytes:
        """Return the text of one document. Raise ``InvalidParamsError`` where there is none of that name."""
        uri = _uri(params)
        for document in self.documents:
            if document.uri == uri:
                return plain({"contents": [{"uri": uri, "mimeType": MARKDOWN, "text": document.body}]})
        raise InvalidParamsError(f"unknown resource uri: {uri}")


@attrs.frozen(kw_only=True)
class WithoutTools:
    """A visibility in which some tools do not exist for anybody, whatever another one says."""

    inner: ToolVisibility
    hidden: frozenset[str]

    def is_listed(self, principal: Principal, tool: str) -> bool:
        """See ``ToolVisibility``."""
        return tool not in self.hidden and self.inner.is_listed(principal, tool)

    def is_callable(self, principal: Principal, tool: str) -> bool:
        """See ``ToolVisibility``."""
        return tool not in self.hidden and self.inner.is_callable(principal, tool)


def _reference(document: Document) -> dict[str, JsonValue]:
    return {"doc_id": document.doc_id, "doc_title": document.title, "doc_role": document.role.value}


def _check_uri(params: JsonValue) -> None:
    """Refuse parameters without a document's URI, before the caller is asked who it is (contract §1.10)."""
    if not _uri(params).startswith(PREFIX):
        raise InvalidParamsError(f"resource uri must start with {PREFIX}")


def _uri(params: JsonValue) -> str:
    match params:
        case {"uri": str(uri)} | {"arguments": {"uri": str(uri)}}:
            return uri
        case _:
            raise InvalidParamsError("resources.read requires uri")
