"""Notes, checkpoints and proof files: what is written is read back, and what is not signed is not believed."""

import base64
import contextlib
from string import ascii_letters

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.errors import DecisionGateError
from decision_gate.enterprise.audit.tlog import (
    Checkpoint,
    LogFormatError,
    LogProof,
    LogSigner,
    LogVerifier,
    ProofError,
    UntrustedNoteError,
    leaf_hash,
    open_checkpoint,
    read_public_key,
    read_signing_key,
    sign_checkpoint,
)
from decision_gate.enterprise.audit.tlog.note import open_note, sign_note

ORIGIN = "audit.example.org/t/7"
KEY = Ed25519PrivateKey.from_private_bytes(b"log".ljust(32, b"-"))


def signer(name=ORIGIN, seed=b"log"):
    return LogSigner(name=name, key=Ed25519PrivateKey.from_private_bytes(seed.ljust(32, b"-")))


LOG, WITNESS = signer(), signer("witness.example", b"witness")
CHECKPOINT = Checkpoint(origin=ORIGIN, size=1, root=leaf_hash(b"entry"))
NOTE = sign_checkpoint(CHECKPOINT, [LOG])
PROOF = LogProof(index=0, path=(), note=NOTE, entry=b"entry")


def test_checkpoint_is_three_lines_and_a_signature_line():
    root = base64.b64encode(CHECKPOINT.root).decode()
    signature = NOTE.splitlines()[-1].removeprefix(f"— {ORIGIN} ")

    assert f"{ORIGIN}\n1\n{root}\n\n— {ORIGIN} {signature}\n" == NOTE
    assert base64.b64decode(signature)[:4] == LOG.verifier.key_id


def test_key_of_the_go_documentation_is_read_and_written():
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    verifier = LogVerifier.parse(vkey)

    assert (verifier.vkey, verifier.key_id.hex()) == (vkey, "c74f20a3")


def test_several_keys_may_sign_and_unknown_ones_are_passed_over():
    note = sign_checkpoint(CHECKPOINT, [WITNESS, LOG, signer(seed=b"next")])

    assert open_checkpoint(note, [LOG.verifier]) == CHECKPOINT
    assert open_note(note, [LOG.verifier, WITNESS.verifier])[1] == (WITNESS.verifier, LOG.verifier)


@pytest.mark.parametrize(
    ("note", "verifiers"),
    [
        (NOTE, []),
        (NOTE, [WITNESS.verifier]),
        (NOTE, [signer(seed=b"other").verifier]),
        (NOTE.replace("\n1\n", "\n2\n", 1), [LOG.verifier]),
        (sign_checkpoint(CHECKPOINT, [WITNESS]), [LOG.verifier, WITNESS.verifier]),
    ],
    ids=["no key", "another name", "another key", "edited", "signed by a witness only"],
)
def test_checkpoint_that_its_log_did_not_sign_is_not_believed(note, verifiers):
    with pytest.raises(UntrustedNoteError):
        open_checkpoint(note, verifiers)


def test_one_wrong_line_of_a_known_key_spoils_a_note():
    good, bad = LOG.line(CHECKPOINT.text()), WITNESS.line("other text\n")
    note = f"{CHECKPOINT.text()}\n{good}{bad}"

    assert open_checkpoint(note, [LOG.verifier]) == CHECKPOINT
    with pytest.raises(UntrustedNoteError):
        open_checkpoint(note, [LOG.verifier, WITNESS.verifier])


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n01\n{'A' * 43}=\n",
        f"{ORIGIN}\n-1\n{'A' * 43}=\n",
        f"{ORIGIN}\n１\n{'A' * 43}=\n",
        f"{ORIGIN}\n1\n{'A' * 42}==\n",
        f"{ORIGIN}\n1\n{'A' * 44}\n",
        f"{ORIGIN}\n1\n{'A' * 43}=\nextension\n",
        f"\n1\n{'A' * 43}=\n",
        f"{ORIGIN}\n1\n",
        "",
    ],
)
def test_text_that_is_no_checkpoint_is_refused_although_signed(text):
    with pytest.raises(LogFormatError):
        open_checkpoint(sign_note(text or "\n", [LOG]), [LOG.verifier])


def test_proof_file_is_read_back_and_shows_its_entry():
    assert LogProof.parse(PROOF.text()) == PROOF
    assert PROOF.text().startswith("c2sp.org/tlog-proof@v1\nextra ZW50cnk=\nindex 0\n\naudit.example.org/t/7\n1\n")
    assert PROOF.verify([LOG.verifier]) == CHECKPOINT


@pytest.mark.parametrize(
    "changed",
    [{"entry": b"other"}, {"index": 1}, {"path": (bytes(32),)}, {"path": (b"x" * 31,)}],
)
def test_proof_of_something_else_shows_nothing(changed):
    with pytest.raises(ProofError):
        LogProof.parse(attrs.evolve(PROOF, **changed).text()).verify([LOG.verifier])


def test_inner_node_does_not_pass_for_an_entry():
    """The entry's bytes are hashed with the leaf's prefix: who brings two hashes brings a leaf, not their node."""
    left, right = leaf_hash(b"one"), leaf_hash(b"two")
    forged = attrs.evolve(PROOF, entry=left + right)

    with pytest.raises(ProofError):
        forged.verify([LOG.verifier])


@given(st.text(st.sampled_from(ascii_letters + "0123456789+/=—\n +.@é\x00"), max_size=200) | st.text(max_size=60))
def test_no_text_breaks_a_reader(text):
    for read in (
        LogVerifier.parse,
        LogProof.parse,
        Checkpoint.parse,
        lambda note: open_note(note, [LOG.verifier]),
        lambda rest: LogProof.parse(f"c2sp.org/tlog-proof@v1\n{rest}"),
    ):
        with contextlib.suppress(LogFormatError, UntrustedNoteError):
            read(text)


@given(st.integers(0, 3 * len(NOTE.encode())), st.integers(1, 255))
def test_no_byte_of_a_checkpoint_can_be_changed(at, change):
    raw = bytearray(NOTE.encode())
    at %= len(raw)
    raw[at] ^= change

    try:
        opened = open_checkpoint(raw.decode(errors="replace"), [LOG.verifier])
    except (LogFormatError, UntrustedNoteError):
        return
    assert opened == CHECKPOINT  # the unused last bits of a signature's base64


def test_key_is_read_from_pem_and_nothing_else_is():
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    assert read_signing_key(pem).public_key() == KEY.public_key()
    assert read_public_key(public) == LOG.verifier.public_key
    for text in (other, "", "key", base64.b64encode(bytes(32)).decode()):
        for read in (read_signing_key, read_public_key):
            with pytest.raises(DecisionGateError) as refused:
                read(text)
            assert refused.value.code == "log_signing_key"
