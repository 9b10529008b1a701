"""A sequencer that is killed anywhere, again and again, loses and doubles nothing."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from decision_gate.core.json import parse
from decision_gate.enterprise.audit import tenant_log

PROGRAM = Path(__file__).parent / "sequencer_process.py"
TENANT = 7
KILLS = 5
EACH = 60
PATIENCE_S = 60


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_every_event_has_one_place_in_order_after_any_number_of_kills(audit, place):
    written = 0
    for _ in range(KILLS):
        texts = [str(n) for n in range(written, written + EACH)]
        with subprocess.Popen([sys.executable, PROGRAM, place.settings.path]) as process:
            before = audit.store.head(tenant_log(TENANT)).size
            for text in texts:
                audit.tell(text, tenant_id=TENANT)
            written += EACH
            deadline = time.monotonic() + PATIENCE_S
            while audit.store.head(tenant_log(TENANT)).size == before and time.monotonic() < deadline:
                process.poll()
            process.kill()
    audit.sequence()

    assert [parse(body)["text"] for body in audit.bodies(TENANT)] == [str(n) for n in range(written)]
    assert audit.store.waiting_count() == 0
    assert audit.findings() == []
