"""Every altered byte, entry, order, name or hash of a pack is refused (deviation S9).

Three attackers: one who alters files; one who alters the manifest; and one who alters a record and then makes every
hash fit again. What the third can do unseen is pinned here: only a signature or a replay shows it.
"""

import json
import runpy
from pathlib import Path

import pytest

from decision_gate.core.hashing import hash_json
from decision_gate.core.json import canonical
from decision_gate.core.model import VerificationStatus
from decision_gate.core.runpack import InvalidManifestError, verify

alter = runpy.run_path(str(Path(__file__).parent / "alterations.py"))

LOGS = ["triggers", "gate_evals", "decisions", "packets", "submissions", "tool_calls"]

UNBOUND_IN_MANIFEST = {
    "generated_at.kind",
    "generated_at.value",
    "security",
    "security.dev_permissive",
    "security.namespace_authority",
    "anchor_policy",
    "anchor_policy.providers",
    "anchor_policy.providers.provider_id",
    "anchor_policy.providers.requirement.required_fields",
}
"""What nothing in a pack repeats, so that only a signature over the manifest binds it."""

UNBOUND_IN_RECORDS = {
    "triggers": {"event.source_id"},  # of a step with deliveries, which another call may have finished
    "gate_evals": {
        "evidence.result.content_type",
        "evidence.result.error.code",
        "evidence.result.error.details",
        "evidence.result.error.message",
        "evidence.result.evidence_anchor.anchor_type",
        "evidence.result.evidence_anchor.anchor_value",
        "evidence.result.evidence_ref.uri",
        "evidence.result.signature.key_id",
        "evidence.result.signature.scheme",
        "evidence.result.signature.signature",
    },
    "decisions": set(),
    "packets": {
        "receipts",
        "receipts.dispatch_id",
        "receipts.dispatched_at.value",
        "receipts.dispatcher",
        "receipts.receipt_hash.value",
        "receipts.target.agent_id",
    },
    "submissions": set(),
    "tool_calls": {"", "called_at.value", "correlation_id", "request_hash.value", "response_hash.value"},
}
"""What the outside world told the engine and nothing repeats; and the last call, when it was a status call."""


def is_refused(pack):
    try:
        return verify(pack.manifest, pack.artifacts).status is VerificationStatus.FAIL
    except InvalidManifestError:
        return True


def test_unaltered_packs_pass(pack):
    assert not is_refused(pack)


def test_every_altered_file_is_refused(pack):
    unseen = []
    count = 0
    for path, content in pack.artifacts.files.items():
        for name, altered in alter["of_bytes"](content):
            copy = pack.copy()
            copy.artifacts.files[path] = altered
            count += 1
            if not is_refused(copy):
                unseen.append((path, name))

    assert unseen == []
    assert count >= 60


def test_every_missing_extra_renamed_or_exchanged_file_is_refused(pack):
    unseen = []
    paths = sorted(pack.artifacts.files)
    for path, other in zip(paths, paths[1:] + paths[:1], strict=True):
        for name in ("missing", "extra", "renamed", "exchanged"):
            files = dict(pack.artifacts.files)
            match name:
                case "missing":
                    del files[path]
                case "extra":
                    files[path + ".bak"] = files[path]
                case "renamed":
                    files[path.upper()] = files.pop(path)
                case "exchanged":
                    files[path], files[other] = files[other], files[path]
            copy = pack.copy()
            copy.artifacts.files = files
            if not is_refused(copy):
                unseen.append((path, name))

    assert unseen == []


@pytest.mark.parametrize("is_resealed", [False, True], ids=["as it is", "root hash made to fit"])
def test_every_altered_place_of_the_manifest_is_refused_but_those_that_nothing_repeats(pack, is_resealed):
    unseen = set()
    count = 0
    manifest = json.loads(pack.manifest)
    for path in alter["leaves"](manifest):
        for change in ("with_changed", "without"):
            altered = alter[change](manifest, path)
            if is_resealed and "root_hash" in altered.get("integrity", {}) and "file_hashes" in altered["integrity"]:
                alter_root(altered)
            copy = pack.copy()
            copy.manifest = canonical(altered)
            count += 1
            if copy.manifest != pack.manifest and not is_refused(copy):
                unseen.add(alter["spelled"](path))

    assert unseen <= UNBOUND_IN_MANIFEST
    assert count >= 150


def alter_root(manifest):
    """Make the root hash fit, where there is still one."""
    if isinstance(manifest["integrity"]["root_hash"], dict):
        manifest["integrity"]["root_hash"]["value"] = hash_json(manifest["integrity"]["file_hashes"])


def test_every_reordered_list_of_the_manifest_is_refused(pack):
    for of in (("integrity", "file_hashes"), ("artifacts",)):
        for _, entries in alter["of_records"](alter["at"](json.loads(pack.manifest), of)):
            copy = pack.copy()
            manifest = json.loads(pack.manifest)
            alter["at"](manifest, of[:-1])[of[-1]] = entries
            alter_root(manifest)
            copy.manifest = canonical(manifest)
            assert is_refused(copy)


@pytest.mark.parametrize("log", LOGS)
def test_every_dropped_repeated_or_moved_record_is_refused_though_all_hashes_fit(pack, log):
    path = f"artifacts/{log}.json"
    unseen = []
    # A transcript that ends with a status call may as well end before it.
    unbound = ["drop 6"] if log == "tool_calls" else []
    for name, records in alter["of_records"](pack.content(path)):
        copy = pack.copy()
        copy.artifacts.files[path] = alter["text"](records)
        if not is_refused(copy.reseal()):
            unseen.append(name)

    assert unseen == unbound


@pytest.mark.parametrize("log", LOGS)
def test_every_altered_place_of_a_record_that_anything_repeats_is_refused_though_all_hashes_fit(pack, log):
    path = f"artifacts/{log}.json"
    records = pack.content(path)
    unseen = set()
    for place in alter["leaves"](records):
        for change in ("with_changed", "without"):
            copy = pack.copy()
            copy.artifacts.files[path] = alter["text"](alter[change](records, place))
            if not is_refused(copy.reseal()):
                unseen.add(alter["spelled"](place))

    assert unseen <= UNBOUND_IN_RECORDS[log]
