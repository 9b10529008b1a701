"""What is signed about a run pack: an in-toto statement with a SLSA verification summary.

Formats: in-toto Statement v1 and SLSA Verification Summary v1, so that other people's tools read it. ``PASSED``
says that the pack is intact, that replaying it, where that was done, found the same decisions, and that its run
completed; everything else is ``FAILED``.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from decision_gate.core.json import JsonValue, canonical
from decision_gate.core.model import RunpackManifest, RunStatus, VerificationStatus
from decision_gate.core.runpack.errors import InvalidAttestationError
from decision_gate.core.runpack.layout import GATE_EVALS, MANIFEST_NAME
from decision_gate.core.runpack.verify import Inspection
from decision_gate.core.timestamps import UnixMillis

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://slsa.dev/verification_summary/v1"
PASSED: Final = "PASSED"
FAILED: Final = "FAILED"
PASSED_LEVEL: Final = "DECISION_GATE_PASSED"
"""The level that a passed summary names."""

_RESERVED: Final = re.compile(rb"[^A-Za-z0-9._~-]")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.frozen(kw_only=True)
class Verifier:
    """Who vouches: ``id`` is a URI; ``version`` is that of the program."""

    id: str
    version: str


def build_statement(
    inspection: Inspection,
    verifier: Verifier,
    verified_at: UnixMillis,
    *,
    has_diverged: bool = False,
    manifest_name: str = MANIFEST_NAME,
) -> bytes:
    """Return the canonical statement about an inspected pack.

    Subjects are the manifest and every file that could be read; the policy is the scenario; the inputs are the gate
    evaluation log and the evidence hashes in it, as far as the inspection remembers them. *has_diverged* says that a
    replay found another decision than the pack; *manifest_name* is the path of the manifest in the pack.

    Raises:
        InvalidAttestationError: *verified_at* is outside the years 1 to 9999.
    """
    manifest = inspection.manifest
    is_passed = may_pass(inspection) and not has_diverged
    subjects = [(manifest_name, inspection.manifest_sha256), *sorted(inspection.files.items())]
    statement: dict[str, JsonValue] = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in subjects],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "verifier": {"id": verifier.id, "version": {"decision-gate": verifier.version}},
            "timeVerified": _rfc3339(verified_at),
            "resourceUri": run_uri(manifest),
            "policy": {"uri": scenario_uri(manifest), "digest": {"sha256": manifest.spec_hash.value}},
            "inputAttestations": _inputs(inspection),
            "verificationResult": PASSED if is_passed else FAILED,
            "verifiedLevels": [PASSED_LEVEL] if is_passed else [],
            "slsaVersion": "1.2",
        },
    }
    return canonical(statement)


def may_pass(inspection: Inspection) -> bool:
    """Tell whether the pack is intact and its run completed."""
    is_intact = inspection.report.status is VerificationStatus.PASS
    return is_intact and inspection.status is RunStatus.COMPLETED


def run_uri(manifest: RunpackManifest) -> str:
    """Return the name of the run as a URI."""
    return f"{_owner(manifest)}/run/{_segment(manifest.run_id)}"


def scenario_uri(manifest: RunpackManifest) -> str:
    """Return the name of the scenario as a URI."""
    return f"{_owner(manifest)}/scenario/{_segment(manifest.scenario_id)}"


def _inputs(inspection: Inspection) -> list[JsonValue]:
    run = run_uri(inspection.manifest)
    log = inspection.files.get(GATE_EVALS.path)
    named = [] if log is None else [(f"{run}/{GATE_EVALS.path}", log)]
    named += [(f"{run}/evidence/{_segment(digest)}", digest) for digest in inspection.evidence]
    return [{"uri": uri, "digest": {"sha256": digest}} for uri, digest in named]


def _owner(manifest: RunpackManifest) -> str:
    return f"dg://{manifest.tenant_id}/{manifest.namespace_id}"


def _segment(text: str) -> str:
    """Percent-encode everything that RFC 3986 does not leave unreserved."""
    return _RESERVED.sub(lambda found: b"%%%02X" % found.group()[0], text.encode()).decode()


def _rfc3339(moment: UnixMillis) -> str:
    try:
        date = _EPOCH + timedelta(milliseconds=moment.value)
    except OverflowError as error:
        raise InvalidAttestationError("the time of the verification has no calendar date") from error
    return date.isoformat(timespec="milliseconds").replace("+00:00", "Z")
