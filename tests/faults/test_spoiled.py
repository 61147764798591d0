"""A sample of records that can't be read; many more are played by `make faults`."""

from dataclasses import replace

import pytest

from chalicelib.domain.ledger import Line, in_order
from chalicelib.domain.mandate import Mandates
from chalicelib.repositories import mandates
from chalicelib.repositories.books import Books
from chalicelib.repositories.codec import from_item, readable
from tests.faults import matrix, spoiled
from tests.small import shrink


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    shrink(monkeypatch.setattr)
    yield
    for each in (matrix.calm, spoiled.spoils):
        each.cache_clear()


def named(*parts):
    """The first point that has all these in its name."""
    moment = parts[0]
    return next(each for each in spoiled.spoils(moment) if all(part in each for part in parts))


def found(*parts):
    """What is wrong with it."""
    return " ".join(spoiled.play(named(*parts)).violations)


POINTS = [
    ("withdrawal", "ledger/EN000002/opening", "amount_cents:other_type"),
    ("withdrawal", "/live#EN000003", ":standing:missing"),
    ("collection", "entries/", "health#", "account.routing:missing"),
    ("collection", "enrollments/", "EN000001:plan_year:other_type"),
    ("settling", "payments/", "submitted_at:missing"),
    ("settling", "transmissions/#transmissions", ":state:unknown"),
]


@pytest.mark.parametrize("point", POINTS, ids=" ".join)
def test_invariant_15_a_record_that_can_not_be_read_is_one_member_s_matter(point):
    assert found(*point) == ""


def test_one_whose_ledger_stops_all_is_found(monkeypatch):
    monkeypatch.setattr(Books, "readable_lines", Books.lines)
    assert "others: " in found(*POINTS[0])


def test_a_guess_of_what_can_not_be_read_is_found(monkeypatch):
    def readable_lines(self, enrollment_id):
        items = list(self._store.query("ledger", enrollment_id))
        lines = [readable(lambda item: from_item(Line, item), item) for item in items]
        guess = replace(next(filter(None, lines)), amount_cents=-20_000)
        return in_order(line or guess for line in lines)

    monkeypatch.setattr(Books, "readable_lines", readable_lines)
    point = ("withdrawal", "ledger/EN000003/payment#", "amount_cents:other_type")
    assert "wrong amount: " in found(*point)


def test_one_who_is_passed_over_in_silence_is_found(monkeypatch):
    monkeypatch.setattr(mandates, "_mandates", lambda row: from_item(Mandates, row))
    assert "silence: " in found("collection", "/live#EN000002", ":standing:missing")


def test_a_sample_has_every_table_of_every_moment():
    every = {tuple(name.partition("/")[0].split(":")[1:]) for name in spoiled.points()}
    assert {tuple(name.partition("/")[0].split(":")[1:]) for name in spoiled.sample(11)} == every
    assert len(every) > 30
