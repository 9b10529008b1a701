"""What can be changed about a source file, one thing at a time."""

import ast
import copy
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

ROOT: Final = Path(__file__).resolve().parent.parent.parent
CORE: Final = ROOT / "packages/decision-gate-core"
SOURCE: Final = CORE / "src/decision_gate/core"

_COMPARE: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_BINARY: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@attrs.frozen
class Mutant:
    """One change of one module; ``is_in_function`` says that only calls of a function meet it, not the import."""

    path: Path
    line: int
    what: str
    tree: ast.Module
    is_in_function: bool

    def __str__(self) -> str:
        return f"{self.path.relative_to(SOURCE)}:{self.line} {self.what}"

    @property
    def module(self) -> str:
        """Name of the changed module."""
        return ".".join(("decision_gate.core", *self.path.relative_to(SOURCE).with_suffix("").parts))

    @property
    def room(self) -> str:
        """First part of the path: the room of the core that it belongs to."""
        return self.path.relative_to(SOURCE).with_suffix("").parts[0]

    @property
    def rank(self) -> str:
        """Place in the order of all mutants, which their text alone decides."""
        return hashlib.sha256(str(self).encode()).hexdigest()


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of one file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    untouched = {id(node) for root in _untouchable(tree) for node in ast.walk(root)}
    called = {id(node) for root in _called(tree) for node in ast.walk(root)}
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in untouched:
            continue
        for what, change in _changes(node):
            changed = copy.deepcopy(tree)
            target = list(ast.walk(changed))[number]
            for name, value in change.items():
                setattr(target, name, value)
            ast.fix_missing_locations(changed)
            yield Mutant(path, getattr(node, "lineno", 0), what, changed, id(node) in called)


def _called(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what runs when a function is called, and not when its module is imported."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(body=body):
                yield from body
            case ast.Lambda(body=value):
                yield value
            case _:
                pass


def _untouchable(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what says something to people and type checkers only: docstrings, annotations, imports, decorators."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Import() | ast.ImportFrom():
                yield node
            case ast.AnnAssign(annotation=annotation):
                yield annotation
            case ast.FunctionDef(args=arguments, returns=returns, decorator_list=decorators):
                yield from decorators
                yield from [returns] if returns else []
                yield from (
                    argument.annotation
                    for argument in ast.walk(arguments)
                    if isinstance(argument, ast.arg) and argument.annotation
                )
            case ast.ClassDef(decorator_list=decorators):
                yield from decorators
            case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.Call(func=ast.Name(id="assert_never" | "TypeVar")):
                yield node
            case _:
                pass


def _changes(node: ast.AST) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what can be changed about one node."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _COMPARE:
            other = _COMPARE[type(operator)]
            yield f"{type(operator).__name__} to {other.__name__}", {"ops": [other()]}
        case ast.BoolOp(op=ast.And()):
            yield "and to or", {"op": ast.Or()}
        case ast.BoolOp(op=ast.Or()):
            yield "or to and", {"op": ast.And()}
        case ast.BinOp(op=operation) if type(operation) in _BINARY:
            other_operation = _BINARY[type(operation)]
            yield f"{type(operation).__name__} to {other_operation.__name__}", {"op": other_operation()}
        case ast.If(test=test) | ast.IfExp(test=test):
            yield "condition turned round", {"test": ast.UnaryOp(ast.Not(), test)}
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield "returns None", {"value": ast.Constant(None)}
        case ast.Constant(value=bool(flag)):
            yield f"{flag} to {not flag}", {"value": not flag}
        case ast.Constant(value=int(number)):
            yield f"{number} to {number + 1}", {"value": number + 1}
        case ast.Constant(value=str(text)) if text:
            yield f"text {text[:30]!r} changed", {"value": f"X{text}"}
        case ast.Constant(value=bytes(raw)) if raw:
            yield "bytes changed", {"value": b"X" + raw}
        case ast.Raise(exc=ast.expr()):
            yield "raises nothing of ours", {"exc": ast.Call(ast.Name("ZeroDivisionError", ast.Load()), [], [])}
        case _:
            pass
