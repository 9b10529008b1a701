"""A quota admits exactly what it says, however many race for it at two servers."""

import pytest
from deployment import administration
from harness import documents
from harness.race import together
from harness.rpc import Client

RACERS = 32
LIMIT = 1_000
TRIES = 1_600
UNAUTHORIZED = (403, -32003, "unauthorized", "unauthorized")


def race(servers, own=None):
    """Let all racers start ``TRIES`` runs between them, all at once; return how every call was answered."""

    def starts(number):
        answers = []
        with Client(servers[number % 2].port, token=own and own.key) as client:
            for count in range(TRIES // RACERS):
                place = own.place if own else {}
                answer = client.send("scenario_start", documents.start("wheel", f"run-{number}-{count}", **place))
                answers.append(answer.error if "error" in answer.json else None)
        return answers

    told = together([lambda number=number: starts(number) for number in range(RACERS)])
    return [answer for each in told for answer in each]


def test_a_quota_of_a_thousand_admits_exactly_a_thousand_of_sixteen_hundred_tries(deployment):
    own, limit = deployment.boss, ("--metric", "runs_started", "--units", LIMIT, "--period", "total")
    deployment.cloud("quota", "set", "--tenant", own.tenant_id, *limit)
    servers = [deployment.serve() for _ in range(2)]
    with Client(servers[0].port, token=own.key) as client:
        client.call("scenario_define", {"spec": own.owned(documents.for_ever())})

    answers = race(servers, own)

    assert answers.count(None) == LIMIT
    assert [answer for answer in answers if answer not in (None, UNAUTHORIZED)] == []
    usage = administration.usage(deployment, own.tenant_id)
    assert (usage.used["runs_started"], usage.of("runs_started")) == (LIMIT, LIMIT)
    assert usage.used["tool_calls"] == LIMIT + 1
    with Client(servers[0].port, token=own.key) as client:
        over = client.send("scenario_start", documents.start("wheel", "one-more", **own.place))
    assert over.error == UNAUTHORIZED


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_same_race_gets_more_than_it_should_where_counting_and_inserting_are_two_things(serve, database):
    limit = LIMIT + 1  # the definition is a call as well
    wrong = {"usage_meter": {"type": "read_then_insert", "path": database.path, "limit": limit}}
    servers = [serve(database.stores(), wrong) for _ in range(2)]
    with Client(servers[0].port) as client:
        client.call("scenario_define", {"spec": documents.for_ever()})

    answers = race(servers)

    assert answers.count(None) > LIMIT
