"""Show the chapters of the demonstration to a person: a timeline, top to bottom, one glance a chapter."""

from typing import Final, assert_never

from rich.console import Console
from rich.markup import escape

from decision_gate.core.model import (
    AdvanceOutcome,
    CompleteOutcome,
    DecisionOutcome,
    HoldOutcome,
)
from decision_gate.mcp.cli.demo.story import REPORTS, Asked, Changed, Chapter, Checked, Opened, Packed
from decision_gate.mcp.cli.gate_table import gate_table

_SHOWN_DIGITS: Final = 16


def show(console: Console, chapter: Chapter) -> None:
    """Print one chapter."""
    match chapter:
        case Opened():
            _opened(console, chapter)
        case Asked():
            _asked(console, chapter)
        case Changed():
            _heading(console, "the team works", "cyan")
            for line in chapter.done:
                console.print(f"    [cyan]+[/] {escape(line)}")
        case Packed():
            _heading(console, "proof", "blue")
            console.print(f"    run pack    {escape(str(chapter.folder))}  ({chapter.size_bytes:,} bytes)")
            console.print(f"    root hash   {chapter.root_hash[:_SHOWN_DIGITS]}…")
        case Checked():
            _checked(console, chapter)
        case _:
            assert_never(chapter)


def show_end(console: Console, commands: tuple[tuple[str, str], ...]) -> None:
    """Print what to try next: commands, each with what it does."""
    console.print()
    console.print("[bold]Try next[/]")
    for command, meaning in commands:
        console.print(f"  [bold]{escape(command)}[/]")
        console.print(f"      [dim]{escape(meaning)}[/]")


def _heading(console: Console, text: str, colour: str) -> None:
    console.print()
    console.print(f"[{colour}]●[/] [bold]{text}[/]")


def _opened(console: Console, chapter: Opened) -> None:
    console.print("[bold]Decision Gate[/]  may orders-api 2.4.0 be released?")
    _heading(console, "the rule", "blue")
    console.print(f"    scenario    {escape(chapter.spec.scenario_id)}, spec hash {chapter.spec_hash[:_SHOWN_DIGITS]}…")
    console.print(f"    stages      {' → '.join(escape(stage.stage_id) for stage in chapter.spec.stages)} → released")
    console.print(f"    evidence    {escape(str(chapter.folder / REPORTS))}")


def _asked(console: Console, chapter: Asked) -> None:
    word, colour, rest = _outcome(chapter.outcome)
    console.print()
    console.print(f"[{colour}]●[/] [bold]may it go on?[/]  [{colour} bold]{word}[/] [dim]{escape(rest)}[/]")
    console.print(gate_table(chapter.gates, chapter.explanations))


def _outcome(outcome: DecisionOutcome) -> tuple[str, str, str]:
    match outcome:
        case HoldOutcome():
            return "HOLD", "red", "still needed:"
        case AdvanceOutcome(from_stage=left, to_stage=entered):
            return "GO ON", "green", f"{left} → {entered}"
        case CompleteOutcome():
            return "PASS", "green", "every gate is open"
        case _:
            return "FAILED", "red", ""


def _checked(console: Console, chapter: Checked) -> None:
    check = chapter.check
    colour = "green" if check.is_good else "red"
    if chapter.forgery is not None:
        _heading(console, "and if somebody bends it?", "blue")
        console.print(f"    forged      {escape(chapter.forgery)}")
        console.print(f"    verified    [{colour} bold]{check.words}[/]  {escape(check.problems[0])}")
        return
    console.print(f"    verified    {check.inspection.report.checked_files} files, every hash computed again")
    if check.replayed is not None:
        console.print(f"    replayed    {check.replayed.steps} steps, every decision follows from its evidence")
    if check.attestation is not None and check.attestation.key_id is not None:
        console.print(f"    signed      by key {check.attestation.key_id[:_SHOWN_DIGITS]}…, which the verifier pinned")
    console.print(f"    result      [{colour} bold]{check.words}[/]")
