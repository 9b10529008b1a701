"""Change one thing in the source at a time and see whether a test notices; print what nobody noticed.

Run as ``python3 scripts/dev.py run mutate [--seconds N] [--module part …]``. Mutants live in memory only: each is a
forked process that imports the changed module and runs the tests until the first failure: those of the module, then
all of its group. They come in an order that the source decides, so a limited run is a fair sample and the next one
repeats it. What survives is listed with its reason in ``docs/explanation/mutation.md``, or gets a test. Needs ``fork``.
"""

import argparse
import ast
import copy
import hashlib
import importlib.abc
import importlib.util
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Final

# Everything that a test needs, apart from ours: loaded once, shared by all mutants.
import attrs
import cattrs  # noqa: F401 - see above
import hypothesis  # noqa: F401 - see above
import orjson  # noqa: F401 - see above
import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
CORE: Final = ROOT / "packages/decision-gate-core"
SOURCE: Final = CORE / "src/decision_gate/core"
MUTANT_CPU_SECONDS: Final = 60
"""Processor time of one mutant; one that needs more never ends."""
MUTANT_SECONDS: Final = 600
"""Time of one mutant that waits instead, generous because the machine may be busy."""

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "logic": ("logic", "codec", "analysis/test_explain.py", "engine"),
    "comparators": ("comparators", "engine"),
    "engine": ("engine", "control_plane"),
    "json": ("json", "codec", "comparators", "fuzz/test_documents.py"),
    "codec": ("codec", "fuzz/test_documents.py", "control_plane"),
    "model": ("codec", "fuzz/test_documents.py", "engine", "control_plane", "runpack/test_export.py"),
    "runpack": ("runpack",),
    "analysis": ("analysis",),
    "control_plane": ("control_plane", "engine"),
    "evaluation": ("test_evaluation.py",),
    "hashing": ("test_hashing.py", "codec"),
    "ids": ("codec", "engine"),
    "integers": ("json", "codec", "comparators"),
    "timestamps": ("test_timestamps.py", "codec"),
}
"""Where mutants are made, below ``SOURCE``, and the tests that must notice them, below the tests of the core."""

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
    """One change of one module."""

    path: Path
    line: int
    what: str
    tree: ast.Module

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
        """Place in the order of all mutants."""
        return hashlib.sha256(str(self).encode()).hexdigest()


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of one file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    untouched = {id(node) for root in _untouchable(tree) for node in ast.walk(root)}
    nodes = list(ast.walk(tree))
    for number, node in enumerate(nodes):
        if id(node) in untouched:
            continue
        for what, change in _changes(node):
            changed = copy.deepcopy(tree)
            target = list(ast.walk(changed))[number]
            for name, value in change.items():
                setattr(target, name, value)
            yield Mutant(path, getattr(node, "lineno", 0), what, ast.fix_missing_locations(changed))


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


class _Loader(importlib.abc.Loader):
    """Runs the changed module instead of its file."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def exec_module(self, module: ModuleType) -> None:
        """Run the mutant's code."""
        exec(compile(self._mutant.tree, str(self._mutant.path), "exec"), vars(module))  # noqa: S102 - our own source


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the changed module and nothing else."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """See ``MetaPathFinder``."""
        del path, target
        if fullname != self._mutant.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self._mutant.path, loader=_Loader(self._mutant))


def is_noticed(mutant: Mutant | None, tests: Sequence[Sequence[str]]) -> bool:
    """Run *tests* against *mutant*, in a process of its own, and tell whether one failed or never ended.

    Args:
        mutant: The change; None runs the tests without any.
        tests: What to run, one list after the other, until something fails.
    """
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (MUTANT_CPU_SECONDS, MUTANT_CPU_SECONDS))
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        if mutant is not None:
            sys.meta_path.insert(0, _Finder(mutant))
        options = ["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=ci", "--tb=no", "--assert=plain"]
        os._exit(any(pytest.main([*options, *some]) for some in tests))
    deadline = time.monotonic() + MUTANT_SECONDS
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def tests_of(path: Path) -> tuple[tuple[str, ...], ...]:
    """Return the tests of a file, the nearest first; none when mutants are not made of it."""
    relative = path.relative_to(SOURCE)
    name = relative.with_suffix("").as_posix()
    folder = CORE / "tests"
    for group, tests in GROUPS.items():
        if name == group or name.startswith(f"{group}/"):
            nearest = folder / relative.with_name(f"test_{relative.name}")
            whole = tuple(str(folder / test) for test in tests)
            return ((str(nearest),), whole) if nearest.exists() else (whole,)
    return ()


def main(arguments: list[str]) -> int:
    """Run a sample of all mutants and print the survivors; return 1 when a group's tests fail without any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600, help="for all mutants together (default: %(default)s)")
    parser.add_argument("--module", action="append", default=[], help="only files whose path holds this; repeatable")
    chosen = parser.parse_args(arguments)
    files = [
        path
        for path in sorted(SOURCE.rglob("*.py"))
        if path.name != "__init__.py"
        and tests_of(path)
        and (not chosen.module or any(part in path.as_posix() for part in chosen.module))
    ]
    for tests in {tests_of(path) for path in files}:
        if is_noticed(None, tests):
            print(f"these tests fail without any mutant: {tests}")
            return 1
    queue = sorted((mutant for path in files for mutant in mutants(path)), key=lambda mutant: mutant.rank)
    deadline = time.monotonic() + chosen.seconds
    tried: Counter[str] = Counter()
    survived: Counter[str] = Counter()
    for mutant in queue:
        if time.monotonic() > deadline:
            break
        tried[mutant.room] += 1
        if not is_noticed(mutant, tests_of(mutant.path)):
            survived[mutant.room] += 1
            print(f"survived: {mutant}", flush=True)
    made = Counter(mutant.room for mutant in queue)
    for room, number in sorted(made.items()):
        noticed = tried[room] - survived[room]
        print(f"{room}: {tried[room]} of {number} mutants tried, {noticed} noticed, {survived[room]} survived")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
