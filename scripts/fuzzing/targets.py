"""The targets: each takes bytes from anywhere; it accepts them, or refuses them with a documented error.

Any other exception is a finding. What is accepted must keep the law of its target, which is what makes a target more
than a search for crashes.
"""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from decision_gate.core.codec import canonical_record, decode, encode
from decision_gate.core.engine import check_identifiers, check_scenario
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.json import canonical, parse, plain, structural_equal
from decision_gate.core.logic import decode_requirement, encode_requirement, parse_requirement, print_requirement
from decision_gate.core.memory import MemoryArtifacts
from decision_gate.core.model import EvidenceResult, RunConfig, RunState, ScenarioSpec, TriggerEvent, VerificationStatus
from decision_gate.core.runpack import check_attestation, inspect, replay, verify
from decision_gate.core.testing import worked_example
from decision_gate.mcp.authoring import read_scenario
from decision_gate.mcp.authoring.document import DocumentLanguage
from decision_gate.mcp.evidence.jsonpath import compile_path, select
from decision_gate.mcp.evidence.report.checks import CHECKS
from decision_gate.mcp.evidence.report.errors import ReportError
from decision_gate.mcp.evidence.report.filters import Filters
from decision_gate.mcp.evidence.report.readers.by_format import READERS, recognise
from decision_gate.mcp.evidence.yaml_document import parse_yaml
from decision_gate.mcp.stores.sqlite import SqliteArchive, verify_store

Target = Callable[[bytes], None]

_KINDS: Final = (ScenarioSpec, RunState, RunConfig, TriggerEvent, EvidenceResult)
_MANIFEST: Final = (worked_example.FILES / "manifest.json").read_bytes()
_FILES: Final = {
    f"artifacts/{path.name}": path.read_bytes() for path in sorted((worked_example.FILES / "artifacts").iterdir())
}
_PATHS: Final = tuple(_FILES)


def _pack(changed: Mapping[str, bytes]) -> MemoryArtifacts:
    pack = MemoryArtifacts()
    pack.files = {**_FILES, **changed}
    return pack


_INSPECTION: Final = inspect(_MANIFEST, _pack({}))


def _demand(law: bool, what: str) -> None:  # noqa: FBT001 - a statement, not an option
    """Raise ``AssertionError`` when a law does not hold, also under ``python -O``."""
    if not law:
        raise AssertionError(what)


def json_text(text: bytes) -> None:
    """What parses has one canonical form, which parses to it again."""
    value = parse(text)
    once = canonical(value)
    _demand(canonical(parse(once)) == once, "canonical text is not a fixed point")
    _demand(structural_equal(parse(plain(value)), value), "plain text loses something")


def requirement_text(text: bytes) -> None:
    """What parses can be encoded, decoded, printed and parsed to the same tree."""
    tree = parse_requirement(text.decode(errors="replace"), lambda name: name)
    _demand(decode_requirement(encode_requirement(tree)) == tree, "the encoding loses something")
    _demand(parse_requirement(print_requirement(tree), lambda name: name) == tree, "the text loses something")


def record(text: bytes) -> None:
    """What decodes, by a first byte that chooses the record, is encoded to what decodes to it."""
    kind = _KINDS[text[0] % len(_KINDS)] if text else ScenarioSpec
    found = decode(kind, parse(text[1:]))
    _demand(decode(kind, encode(found)) == found, "the encoding loses something")
    if isinstance(found, ScenarioSpec):
        _demand(decode(ScenarioSpec, parse(canonical_record(found))) is not None, "canonical bytes do not decode")
        check_identifiers(found)
        check_scenario(found)


def run_pack(text: bytes) -> None:
    """An artifact, chosen by the first byte, passes only when it is the one that was exported."""
    path = _PATHS[text[0] % len(_PATHS)] if text else _PATHS[0]
    pack = _pack({path: text[1:]})
    report = verify(_MANIFEST, pack)
    _demand((report.status is VerificationStatus.PASS) == (text[1:] == _FILES[path]), "an altered artifact passes")
    replay(_MANIFEST, pack)


def manifest(text: bytes) -> None:
    """A manifest is refused or reported on."""
    verify(text, _pack({}))
    replay(text, _pack({}))


class _NoKey:
    """Trusts nobody."""

    def verify(self, key_id: str, message: bytes, signature: bytes) -> bool:
        """Say no."""
        del key_id, message, signature
        return False


def attestation(text: bytes) -> None:
    """Nothing is trusted without a key that trusts it."""
    _demand(not check_attestation(text, _INSPECTION, _NoKey()).is_trusted, "trusted without a key")


def yaml_text(text: bytes) -> None:
    """What reads as YAML is a JSON value."""
    canonical(parse_yaml(text))


def json_path(text: bytes) -> None:
    """A path, the first line, selects JSON values of the document, the rest."""
    path, _, document = text.partition(b"\n")
    program = compile_path(path.decode(errors="replace"))
    for selected in select(program, parse(document)):
        canonical(selected)


def report(text: bytes) -> None:
    """A report, read as the format that the first byte chooses or as what it seems, answers with JSON or refuses."""
    forms = (*READERS, None)
    form = forms[text[0] % len(forms)] if text else None
    content = text[1:]
    facts = READERS[form or recognise(content)](content)
    for check in CHECKS.values():
        try:
            answer = check.answer([facts], Filters())
        except ReportError:
            continue
        canonical(answer)


def scenario_text(text: bytes) -> None:
    """What reads as a scenario document is a scenario that can be defined; the first byte chooses the language."""
    languages = tuple(DocumentLanguage)
    language = languages[text[0] % len(languages)] if text else None
    authored = read_scenario(text[1:], "fuzzed", language)
    check_scenario(decode(ScenarioSpec, parse(canonical_record(authored.spec))))


def database_file(text: bytes) -> None:
    """A file is verified, with findings, or refused; no reader of it crashes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gate.db")
        path.write_bytes(text)
        archive = SqliteArchive(path)
        verify_store(archive)
        for listed in archive.runs():
            archive.check(listed.key)


TARGETS: Final[Mapping[str, Target]] = {
    target.__name__: target
    for target in (
        json_text,
        requirement_text,
        record,
        run_pack,
        manifest,
        attestation,
        yaml_text,
        json_path,
        report,
        scenario_text,
        database_file,
    )
}


def fed(target: Target, text: bytes) -> bool:
    """Feed *text* to *target* and tell whether it was accepted.

    Raises:
        Exception: Anything but a documented error: a finding.
    """
    try:
        target(text)
    except DecisionGateError as error:
        _demand(bool(error.code and str(error)), "an error without code or text")
        return False
    return True
