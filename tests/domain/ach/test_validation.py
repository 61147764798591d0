"""Every rejection rule has a file that breaks it alone, and is refused for that reason alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ach.checks import MOST_SAME_DAY_CENTS, Operator
from chalicelib.domain.ach.entries import Purpose, Unwritable
from chalicelib.domain.ach.rejections import Rule
from chalicelib.domain.ach.validation import MOST_REFUSALS, is_refused, validate
from tests.domain.ach.broken import BROKEN, UNLISTED
from tests.domain.ach.builders import (
    FRIDAY,
    GOOD_ROUTING,
    ORIGINATOR,
    THURSDAY,
    an_entry,
    some_entries,
    written,
)
from tests.domain.ach.by_hand import a_file, addenda, batch, entry
from tests.domain.ach.test_writer import a_day_s_entries

OPERATOR = Operator(
    originator=ORIGINATOR, processed_on=THURSDAY, knows_bank=lambda routing: routing != UNLISTED
)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_file_that_breaks_one_rule_is_refused_for_that_reason_alone(broken):
    verdict = validate([broken.data], OPERATOR)
    assert verdict.rules == {broken.ours}


def test_every_rule_has_its_broken_file():
    assert {broken.ours for broken in BROKEN} | {Rule.SAME_FILE} == set(Rule)


def test_a_file_by_hand_is_accepted():
    verdict = validate([a_file()], OPERATOR)
    assert verdict.is_accepted
    assert (verdict.entries, verdict.debit_cents, verdict.credit_cents) == (1, 42480, 0)


def test_an_entry_with_its_addenda_is_accepted():
    data = a_file(batch(entry(patch={79: "1"}), addenda(), entry(2)))
    assert validate([data], OPERATOR).is_accepted


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_line_ends_are_no_reason_to_refuse(end):
    assert validate([a_file(end=end)], OPERATOR).is_accepted


def test_what_the_writer_writes_is_accepted():
    data, summary = written(a_day_s_entries())
    verdict = validate([data], OPERATOR)
    assert verdict.is_accepted
    assert (verdict.entries, verdict.debit_cents, verdict.credit_cents) == (
        summary.entries,
        summary.debit_cents,
        summary.credit_cents,
    )


def test_the_same_file_twice_is_refused_by_origin_date_time_and_modifier():
    key = ("1987654320", "261203", "1800", "A")
    again = Operator(originator=ORIGINATOR, processed_on=THURSDAY, accepted=frozenset({key}))
    assert validate([a_file()], again).rules == {Rule.SAME_FILE}
    assert validate([a_file(header={34: "B"})], again).is_accepted


def test_a_refusal_says_on_which_line():
    data = a_file(batch(entry(1), entry(2, routing="231380105"), entry(3)))
    [refusal] = validate([data], OPERATOR).refusals
    assert (refusal.rule, refusal.line) == (Rule.R28, 4)


def test_all_broken_rules_are_told_at_once():
    data = a_file(
        batch(entry(1, cents=0), entry(2, routing="231380105"), header={5: " " * 16}),
        header={34: "?"},
    )
    assert validate([data], OPERATOR).rules == {
        Rule.MODIFIER,
        Rule.COMPANY_NAME,
        Rule.R19,
        Rule.R28,
    }


def test_refusals_without_end_are_cut_off():
    data = a_file(batch(*[entry(rank, cents=0) for rank in range(1, MOST_REFUSALS + 100)]))
    assert len(validate([data], OPERATOR).refusals) == MOST_REFUSALS


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_files_of_any_size_are_accepted(count):
    data, summary = written(some_entries(count))
    verdict = validate([data], OPERATOR)
    assert verdict.is_accepted
    assert verdict.debit_cents == summary.debit_cents == count * 42480


@pytest.mark.parametrize("data", [b"", b"\n", b"1", b"\x00" * 940, b"9" * 940, b"hello\n" * 10])
def test_what_is_no_file_is_refused(data):
    assert not validate([data], OPERATOR).is_accepted


odd_entries = st.builds(
    an_entry,
    individual_name=st.text(max_size=30) | st.text("0 -", max_size=30),
    purpose=st.sampled_from(Purpose),
    amount_cents=st.sampled_from([-1, 0, 1, MOST_SAME_DAY_CENTS + 1, 10**10]),
    routing=st.sampled_from([*GOOD_ROUTING, UNLISTED, "231380105", "000000000", "12345", ""]),
    account=st.text("0 1A-", max_size=18),
    effective_on=st.sampled_from([THURSDAY, FRIDAY]),
)


@given(odd_entries)
def test_an_entry_is_refused_by_itself_exactly_when_its_file_would_be(entry):
    """So that one bad entry is left out, and never holds back the file of all others."""
    try:
        data, _ = written([entry])
        takes_it = validate([data], OPERATOR).is_accepted
    except Unwritable:
        takes_it = False
    assert is_refused(entry, OPERATOR) == (not takes_it)


def test_an_entry_over_a_million_dollars_is_never_same_day():
    large = MOST_SAME_DAY_CENTS + 1
    assert is_refused(an_entry(amount_cents=large, effective_on=THURSDAY), OPERATOR)
    assert not is_refused(an_entry(amount_cents=large, effective_on=FRIDAY), OPERATOR)
