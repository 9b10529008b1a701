"""Run a compiled JSONPath on a document (contract §1.5).

The dialect's odd corners (an index that looks into the arrays of an object, indices that do nothing inside
``@``, filters that test an object itself) are those of the library that published scenarios were written
against. They all follow from one machine with three registers, which is why this module is that machine and
no tidier tree of cases:

* ``nodes``: what the path has selected so far,
* ``context``: the steps that are begun and not yet finished (child, descend, bracket),
* ``terms``: operands; ``None`` is an ``@`` that no step has used yet.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import assert_never

from decision_gate.core.json import JsonValue
from decision_gate.mcp.evidence.jsonpath.budget import Budget
from decision_gate.mcp.evidence.jsonpath.errors import JsonPathError
from decision_gate.mcp.evidence.jsonpath.nodes import (
    Holders,
    children,
    deep_holders,
    element,
    elements,
    holders,
    member_or_self,
    walk,
)
from decision_gate.mcp.evidence.jsonpath.program import (
    Indices,
    Name,
    Names,
    Number,
    Operation,
    Program,
    Slice,
    Step,
    Truth,
)
from decision_gate.mcp.evidence.jsonpath.terms import Nodes, Operator, Term, compare, scalar

_Search = Callable[[Sequence[JsonValue], str, Budget], Holders]


def select(program: Program, document: JsonValue) -> list[JsonValue]:
    """Return every node of ``document`` that ``program`` selects, in the order it meets them.

    Raises:
        JsonPathError: the path combines steps in a way that has no answer (a list of names inside ``@``, a
            constant compared with an absolute path), or asks for more work than ``MAX_WORK``.
    """
    machine = _Machine(document, Budget())
    for operation in program.operations:
        machine.run(operation)
    return machine.nodes


class _Machine:
    def __init__(self, root: JsonValue, budget: Budget) -> None:
        self.nodes: list[JsonValue] = [root]
        self._root = root
        self._budget = budget
        self._started = False
        self._context: list[Step] = []
        self._terms: list[Term | None] = []
        self._absolute: _Machine | None = None  # runs a `$…` operand of a filter

    def run(self, operation: Operation) -> None:
        if self._absolute is not None:
            if operation not in (Step.ROOT, Step.CURRENT) and not isinstance(operation, Operator):
                self._absolute.run(operation)
                return
            self._terms.append(self._absolute.as_operand())
            self._absolute = None
        match operation:
            case Step():
                self._step(operation)
            case Name(text):
                self._name(text)
            case Names(texts):
                self._leave_bracket()
                self._to_members(texts)
            case Indices(values):
                self._leave_bracket()
                self._replace(element(array, index) for array in self._arrays() for index in values)
            case Slice(start, stop, step):
                self._leave_bracket()
                self._replace(elements(array, start, stop, step) for array in self._arrays())
            case Number(value) | Truth(value):
                self._terms.append(value)
            case Operator():
                right = self._operand()
                self._terms.append(compare(operation, self._operand(), right, self._budget))
            case _:
                assert_never(operation)

    def as_operand(self) -> Term:
        """Return what was selected as an operand: one plain value is that value."""
        only = scalar(self.nodes[0]) if len(self.nodes) == 1 else None
        return Nodes(values=self.nodes) if only is None else only

    def _step(self, step: Step) -> None:
        match step:
            case Step.ROOT if self._started:
                self._absolute = _Machine(self._root, self._budget)
            case Step.ROOT:
                self._started = True
            case Step.CURRENT:
                if self._context[-2:] == [Step.DESCEND, Step.OPEN]:
                    del self._context[-2]
                    self._replace(children(node) for node in walk(self.nodes, self._budget))
                self._terms.append(None)
            case Step.CHILD | Step.DESCEND | Step.OPEN:
                self._context.append(step)
            case Step.EVERY:
                self._every()
            case Step.CLOSE:
                self._close()
            case _:
                assert_never(step)

    def _name(self, text: str) -> None:
        if self._context and self._context[-1] is Step.OPEN:
            self._terms.append(text)
            return
        begun = self._context.pop() if self._context else None
        if begun is Step.CHILD:
            if self._terms:
                self._narrow(holders, text, text)
            else:
                self._to_members((text,))
        elif begun is Step.DESCEND:
            if self._terms:
                self._narrow(deep_holders, text, None)
            else:
                self._to_deep_members(text)

    def _every(self) -> None:
        if self._context and self._context[-1] is Step.OPEN:
            self._context.pop()
        begun = self._context[-1] if self._context else None
        if begun in (Step.CHILD, Step.DESCEND):
            self._context.pop()
        parents = walk(self.nodes, self._budget) if begun is Step.DESCEND else self.nodes
        self._replace(children(node) for node in parents)

    def _close(self) -> None:
        outer = self._context[-2] if len(self._context) > 1 else None
        if outer is Step.OPEN and self._close_in_filter():
            self._context.pop()
            return
        if outer is Step.DESCEND:
            del self._context[-2:]
            if self._close_descent():
                return
        match self._pop():
            case Nodes(values=values, owners=owners):
                self.nodes = list(values if owners is None or not values else owners)
            case str(name):
                self._to_members((name,))
            case False:
                self.nodes = []
            case float(index):
                self._to_element(int(index))
            case _:
                pass
        if self._context:
            self._context.pop()

    def _close_in_filter(self) -> bool:
        """Finish ``['name']`` inside a filter; return False when the bracket held something else."""
        term = self._pop()
        if isinstance(term, str):
            self._narrow(holders, term, term)
            return True
        self._push_back(term)
        return False

    def _close_descent(self) -> bool:
        """Finish ``..[0]`` or ``..['name']``; return False when the bracket held something else."""
        term = self._pop()
        if isinstance(term, float):
            index = max(0, int(term))  # here negative ones do not count from the end
            self._replace(node[index : index + 1] for node in walk(self.nodes, self._budget) if isinstance(node, list))
        elif isinstance(term, str):
            self._to_deep_members(term)
        else:
            self._push_back(term)
            return False
        self._pop()
        return True

    def _narrow(self, search: _Search, name: str, key: str | None) -> None:
        """Apply one step inside a filter to the newest operand."""
        if not self._terms:
            return
        term = self._terms.pop()
        if term is None:
            self._terms.append(Nodes(values=search(self.nodes, name, self._budget).kept, key=key))
            return
        if not isinstance(term, Nodes):
            raise JsonPathError("a path cannot continue after a constant")
        found = search([member_or_self(value, term.key) for value in term.values], name, self._budget)
        owners = term.owners
        if owners is None:
            owners = [value for position, value in enumerate(term.values) if position not in found.missed]
        self._terms.append(Nodes(values=found.kept, key=key, owners=owners))

    def _to_members(self, keys: Sequence[str]) -> None:
        objects = [node for node in self.nodes if isinstance(node, dict)]
        self._replace([node[key]] for node in objects for key in keys if key in node)
        if not self.nodes:
            self._pop()

    def _to_deep_members(self, key: str) -> None:
        self._replace([node[key]] for node in walk(self.nodes, self._budget) if isinstance(node, dict) and key in node)

    def _to_element(self, index: int) -> None:
        """Index an array, or every array that is a member of an object."""
        candidates = [array for node in self.nodes for array in (node.values() if isinstance(node, dict) else (node,))]
        self._replace(element(array, index) for array in candidates if isinstance(array, list))
        if not self.nodes:
            self._pop()

    def _arrays(self) -> list[list[JsonValue]]:
        return [node for node in self.nodes if isinstance(node, list)]

    def _operand(self) -> Term:
        if not self._terms:
            raise JsonPathError("an operand is missing in a filter")
        term = self._terms.pop()
        return Nodes(values=self.nodes) if term is None else term

    def _pop(self) -> Term | None:
        return self._terms.pop() if self._terms else None

    def _push_back(self, term: Term | None) -> None:
        """Undo ``_pop``, except that an ``@`` which no step has used is gone for good."""
        if term is not None:
            self._terms.append(term)

    def _leave_bracket(self) -> None:
        if self._terms or not self._context or self._context.pop() is not Step.OPEN:
            raise JsonPathError("a list of names or indices, or a slice, has no meaning inside a filter")

    def _replace(self, found: Iterable[Sequence[JsonValue]]) -> None:
        nodes: list[JsonValue] = []
        for some in found:
            self._budget.spend(1 + len(some))
            nodes.extend(some)
        self.nodes = nodes
