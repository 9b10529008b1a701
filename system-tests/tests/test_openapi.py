"""Requests generated from nothing but the document at ``/openapi.json`` get no answer beside it (contract §16)."""

import os
import subprocess

import pytest

LIMIT_S = 300
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.mark.services
def test_answers_to_generated_requests_keep_to_the_document(serve, tmp_path):
    server = serve()
    command = [
        os.environ["DG_TEST_SCHEMATHESIS"],
        "-m",
        "schemathesis.cli",
        "run",
        f"http://127.0.0.1:{server.port}/openapi.json",
    ]
    how = ["--checks", CHECKS, "--mode", "all", "--phases", "coverage,fuzzing", "--max-examples", "100", "--seed", "1"]

    ended = subprocess.run(
        [*command, *how], cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False
    )

    assert ended.returncode == 0, ended.stdout[-5000:]
    assert "Traceback" not in server.log()
