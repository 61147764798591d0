"""Cases for staff: each opens once, on both stores."""

from datetime import timedelta

import pytest

from chalicelib.domain.signature import Signature
from chalicelib.repositories.cases import CLOSED, Cases
from chalicelib.store import ConditionFailed, Put, Remove
from tests.builders import NOW, a_case


@pytest.fixture
def cases(store):
    return Cases(store)


@pytest.mark.parametrize("more", [{}, {"enrollment_id": None}, {"phone": None}])
def test_a_case_comes_back_as_it_was_opened(cases, more):
    case = a_case(**more)
    cases.open_case(case)
    assert cases.open() == [case]


def test_the_same_thing_opens_one_case_only(cases):
    cases.open_case(a_case())
    cases.open_case(a_case(reason="again"))
    assert cases.open() == [a_case()]


def test_a_case_that_was_closed_does_not_open_again(store, cases):
    case = a_case()
    cases.open_case(case)
    row = store.get("cases", ("open", case.case_id))
    store.write(Remove("cases", ("open", case.case_id)), Put("cases", {**row, "state": CLOSED}))
    cases.open_case(case)
    assert cases.open() == []


def test_a_case_may_open_in_the_transaction_of_what_it_tells(store, cases):
    store.write(cases.opening(a_case()))
    with pytest.raises(ConditionFailed):
        store.write(cases.opening(a_case()))


SIGNED = Signature(who="Ada", why="asked the bank", at=NOW)


def test_a_case_may_close_in_the_transaction_of_what_was_done_about_it(store, cases):
    cases.open_case(a_case())
    writes = cases.closing(a_case().case_id, SIGNED)
    store.write(*writes)
    assert cases.open() == []
    [line] = store.query("audit", f"case#{a_case().case_id}")
    assert (line["what"], line["who"], line["why"]) == ("closed", "Ada", "asked the bank")
    with pytest.raises(ConditionFailed):
        store.write(*writes)


def test_what_is_not_open_needs_no_closing(cases):
    assert cases.closing("unknown", SIGNED) == []
    assert not cases.close("unknown", SIGNED)


def test_the_oldest_case_comes_first(cases):
    for n in (2, 0, 1):
        cases.open_case(a_case(case_id=f"c{2 - n}", opened_at=NOW + timedelta(hours=n)))
    assert [case.case_id for case in cases.open()] == ["c2", "c1", "c0"]
