"""Listing the runs of a tenant page by page."""

import itertools

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import RunStatus
from decision_gate.core.ports import MAX_PAGE, RunHead, RunKey, RunQuery, RunStore, RunSummary
from decision_gate.core.testing.run_store.bench import RunStoreBench, RunStoreLaws
from decision_gate.core.testing.runs import KEY, poll_commit, start_commit, step_commit

_IN_ORDER = [
    RunKey(7, namespace, run_id)
    for namespace in (1, 255, 256, 2**63, 2**64 - 1)
    for run_id in ("A", "a", "a-1", "a/1", "b" * 255, "\u00e9", "\uffee", "🚦")
]
"""Keys in the order of namespace and of run id bytes, which is neither decimal, nor UTF-16, nor any locale's."""


class RunListingLaws(RunStoreLaws):
    """``runs``."""

    def test_a_tenant_without_runs_has_one_empty_page(self, store: RunStore) -> None:
        page = store.runs(RunQuery(tenant_id=7), None, 10)

        assert (page.items, page.next_cursor) == ((), None)

    @pytest.mark.parametrize("limit", [1, 7, 8, len(_IN_ORDER), MAX_PAGE])
    def test_pages_hold_every_run_once_in_key_order(self, store: RunStore, limit: int) -> None:
        for key in sorted(_IN_ORDER, key=lambda key: key.run_id[::-1]):
            store.create(start_commit(key))

        found = listed(store, RunQuery(tenant_id=7), limit)

        assert [head.key for head in found] == _IN_ORDER

    def test_the_last_page_has_no_cursor_even_when_it_is_full(self, store: RunStore) -> None:
        for key in _IN_ORDER[:4]:
            store.create(start_commit(key))

        first = store.runs(RunQuery(tenant_id=7), None, 2)
        second = store.runs(RunQuery(tenant_id=7), first.next_cursor, 2)

        assert [len(first.items), len(second.items)] == [2, 2]
        assert second.next_cursor is None

    def test_a_tenant_sees_its_own_runs_only(self, store: RunStore) -> None:
        tenants = (1, 7, 255, 256, 2**32, 2**63, 2**64 - 1)
        for tenant in tenants:
            store.create(start_commit(RunKey(tenant, 3, f"of-{tenant}")))

        found = [listed(store, RunQuery(tenant_id=tenant), 10) for tenant in tenants]

        assert [[head.key.run_id for head in heads] for heads in found] == [[f"of-{n}"] for n in tenants]

    def test_a_query_narrows_by_namespace_scenario_and_status(self, store: RunStore) -> None:
        heads = {}
        choices = itertools.product((3, 4), ("release", "org/repo"), (RunStatus.ACTIVE, RunStatus.FAILED))
        for n, (namespace, scenario_id, status) in enumerate(choices):
            start = start_commit(RunKey(7, namespace, f"run-{n}"), scenario_id=scenario_id)
            store.create(start)
            heads[n] = store.append(step_commit(start.head, "trigger-1", status=status))

        def numbers(**narrowing: object) -> list[int]:
            found = listed(store, RunQuery(tenant_id=7, **narrowing), 1)  # type: ignore[arg-type]  # by name
            return [n for n, head in heads.items() if head in found]

        assert numbers() == [0, 1, 2, 3, 4, 5, 6, 7]
        assert numbers(namespace_id=4) == [4, 5, 6, 7]
        assert numbers(scenario_id="org/repo") == [2, 3, 6, 7]
        assert numbers(status=RunStatus.FAILED) == [1, 3, 5, 7]
        assert numbers(namespace_id=3, scenario_id="release", status=RunStatus.ACTIVE) == [0]
        assert numbers(status=RunStatus.COMPLETED) == []

    def test_a_summary_tells_the_head_and_when_it_was_saved(self, bench: RunStoreBench) -> None:
        start = start_commit()
        bench.store.create(start)
        created_ms = bench.clock()
        before = bench.store.runs(RunQuery(tenant_id=7), None, 1).items
        bench.clock.advance(1_234)
        poll = poll_commit(start.head)
        bench.store.append(poll)

        after = bench.store.runs(RunQuery(tenant_id=7), None, 1).items

        assert before == (RunSummary(head=start.head, saved_at=created_ms),)
        assert after == (RunSummary(head=poll.head, saved_at=created_ms + 1_234),)

    def test_a_run_made_behind_the_cursor_is_not_seen_and_one_before_it_is(self, store: RunStore) -> None:
        for run_id in ("b", "d", "f"):
            store.create(start_commit(RunKey(7, 3, run_id)))
        first = store.runs(RunQuery(tenant_id=7), None, 2)

        store.create(start_commit(RunKey(7, 3, "a")))
        store.create(start_commit(RunKey(7, 3, "e")))
        rest = store.runs(RunQuery(tenant_id=7), first.next_cursor, 10)

        assert [item.head.key.run_id for item in rest.items] == ["e", "f"]

    def test_a_cursor_still_works_when_the_store_is_opened_again(self, bench: RunStoreBench) -> None:
        for run_id in ("a", "b", "c"):
            bench.store.create(start_commit(RunKey(7, 3, run_id)))
        cursor = bench.store.runs(RunQuery(tenant_id=7), None, 1).next_cursor

        rest = bench.reopen().runs(RunQuery(tenant_id=7), cursor, 10)

        assert [item.head.key.run_id for item in rest.items] == ["b", "c"]

    @pytest.mark.parametrize("cursor", ["", "x", "AAAA", "not a cursor", "../..", "é", "A" * 4_000, "AAhAAA=="])
    def test_a_cursor_that_no_store_made_is_refused(self, store: RunStore, cursor: str) -> None:
        store.create(start_commit())

        with pytest.raises(DecisionGateError) as refused:
            store.runs(RunQuery(tenant_id=7), cursor, 10)

        assert refused.value.code == "invalid_cursor"

    @pytest.mark.parametrize("limit", [-1, 0, MAX_PAGE + 1])
    def test_a_page_that_is_empty_or_too_large_is_refused(self, store: RunStore, limit: int) -> None:
        store.create(start_commit(KEY))

        with pytest.raises(DecisionGateError) as refused:
            store.runs(RunQuery(tenant_id=7), None, limit)

        assert refused.value.code == "invalid_page_limit"


def listed(store: RunStore, query: RunQuery, limit: int) -> list[RunHead]:
    """Return the heads of all pages."""
    heads: list[RunHead] = []
    cursor: str | None = None
    while True:
        page = store.runs(query, cursor, limit)
        heads += [item.head for item in page.items]
        if page.next_cursor is None:
            return heads
        assert len(page.items) == limit
        cursor = page.next_cursor
