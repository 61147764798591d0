"""A sample of flows at DynamoDB's limits; the whole is played by `make faults`."""

import pytest

from chalicelib.adapters.dynamodb import store
from chalicelib.repositories.books import Books
from chalicelib.store import Put
from tests.faults import limits, matrix, narrow, world
from tests.small import shrink


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    shrink(monkeypatch.setattr)
    matrix.calm.cache_clear()
    yield
    matrix.calm.cache_clear()


def found(point):
    """What is wrong with it; the limit must have been felt."""
    played = limits.play(f"limit:{point}")
    assert "met 0 times" not in played.call
    return " ".join(played.violations)


@pytest.mark.parametrize(
    "point",
    ["submit_one:one_row_a_page", "withdrawal:pages_by_weight", "find:keys_left_over",
     "release:conflicts", "collection:a_query_lags", "feed:a_query_lags",
     "submit_one:swept_at_once"],
)  # fmt: skip
def test_a_flow_at_a_limit_ends_as_without(point):
    assert found(point) == ""


def test_who_reads_one_page_only_is_found(monkeypatch):
    def query(self, *, real=narrow.Narrow.query, **how):
        return {"Items": real(self, **how)["Items"]}

    monkeypatch.setattr(narrow.Narrow, "query", query)
    assert "differs: " in found("withdrawal:one_row_a_page")


def test_who_asks_for_no_key_again_is_found(monkeypatch):
    def batch_get_item(self, *, real=narrow.Narrow.batch_get_item, **how):
        return {"Responses": real(self, **how)["Responses"], "UnprocessedKeys": {}}

    monkeypatch.setattr(narrow.Narrow, "batch_get_item", batch_get_item)
    assert "answered: " in found("submit_one:keys_left_over")


def test_who_gives_up_at_a_conflict_is_found(monkeypatch):
    monkeypatch.setattr(store, "TRIES", 1)
    assert "failed: " in found("withdrawal:conflicts")


def test_who_does_not_wait_for_the_rows_of_a_collection_is_found(monkeypatch):
    monkeypatch.setattr(Books, "_await_rows", lambda *_: None)
    assert "is not there" in found("collection:a_query_lags")


def test_what_comes_near_a_limit_is_named():
    here = narrow.Narrow(narrow.ONE_ROW, lambda: state)
    state = world.World(world.datetime.now(world.UTC)).state
    here.put_item(write=Put("cases", {"state": "open", "case_id": "c", "reason": "x" * 300_000}))
    here.transact_write_items(
        TransactItems=[
            {"Put": {"write": Put("cases", {"state": "open", "case_id": str(n)})}}
            for n in range(91)
        ]
    )
    assert here.near == ["300023 bytes in cases", "91 writes at once"]
