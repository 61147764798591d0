"""What a file sends back by name, whatever else of it can be relied on."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ach.naming import sent_back
from chalicelib.domain.ach.reading import read_whole
from tests.domain.ach.by_hand import entry, patched, return_reason

RETURN = entry(1, code="26")
CORRECTION = patched(return_reason(), {1: "798C01"})


def named(*rows):
    return list(sent_back(["\n".join(rows).encode()]))


def test_an_entry_with_a_reason_is_sent_back_whatever_its_code():
    assert named(RETURN, return_reason()) == ["PAYMENT00000001"]
    assert named(entry(2), return_reason(2)) == ["PAYMENT00000002"]


def test_a_return_that_lost_its_reason_still_is_one():
    assert named(RETURN) == ["PAYMENT00000001"]
    assert named(RETURN, entry(2, code="36"), return_reason(2)) == [
        "PAYMENT00000001",
        "PAYMENT00000002",
    ]


def test_an_entry_of_ours_and_a_correction_are_none():
    assert named(entry(), "8225", entry(), CORRECTION, RETURN, CORRECTION) == []


def test_a_reason_without_an_entry_names_nobody():
    assert named(return_reason(), "", return_reason()) == []


@given(st.binary(max_size=400))
def test_it_never_fails(body):
    list(sent_back([body]))


def test_it_names_what_the_reader_books():
    rows = ["5225", RETURN, return_reason(), entry(2, code="26"), return_reason(2)]
    reading = read_whole(["\n".join(rows).encode()])
    assert [each.entry_id for each in reading.unreliable] == named(*rows)
