"""A process that sequences until it is killed: ``sequencer_process.py PATH``."""

import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from decision_gate.enterprise.audit import LogKeys, Sequencer, open_audit_store
from decision_gate.enterprise.database import DatabaseSettings

KEY = Ed25519PrivateKey.from_private_bytes(b"the key of the test deployment..")

if __name__ == "__main__":
    with open_audit_store(DatabaseSettings(path=sys.argv[1])) as store:
        sequencer = Sequencer(store, LogKeys(deployment="audit.example.org", keys=(KEY,)), batch=3)
        while True:
            sequencer.run()
