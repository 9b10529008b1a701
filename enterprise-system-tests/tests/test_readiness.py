"""A server tells whether its database can commit, and comes back by itself when the database does (deviation X10)."""

import pytest
from deployment.database import Database
from harness import documents
from harness.waiting import wait_until

from decision_gate.enterprise.testing.postgres import running_postgres

pytestmark = pytest.mark.services


@pytest.fixture
def own_postgres():
    with running_postgres() as server:
        yield server


@pytest.fixture
def database(own_postgres):
    return Database(dsn=own_postgres.create_database())


def test_a_server_is_not_ready_without_its_database_and_ready_again_with_it(deployment, client_of, own_postgres):
    own = deployment.boss
    client = client_of(deployment.serve(), token=own.key)
    client.call("scenario_define", {"spec": own.owned(documents.two_stages())})

    own_postgres.stop()
    without = client.get("/readyz"), client.get("/healthz")
    refused = client.send("scenario_start", documents.start("tea", "run-1", **own.place))
    own_postgres.start()
    wait_until(lambda: client.get("/readyz").status == 200)

    assert [(answer.status, answer.json["status"]) for answer in without] == [(503, "not_ready"), (200, "ok")]
    assert refused.status in (200, 403, 503)
    assert "error" in refused.json
    assert client.call("scenario_start", documents.start("tea", "run-1", **own.place))["status"] == "active"
