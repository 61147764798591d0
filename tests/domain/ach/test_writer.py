"""Files as the ODFI wants them."""

import hashlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given

from chalicelib.domain.ach import writer as writing
from chalicelib.domain.ach.composing import entry_detail, entry_line
from chalicelib.domain.ach.entries import DENTAL_PREMIUM, PaymentType, Purpose, Unwritable
from chalicelib.domain.ach.records import ENTRY_DETAIL
from chalicelib.domain.ach.writer import TracesUsedUp
from chalicelib.domain.payment import AccountType
from tests.domain.ach.builders import (
    MONDAY,
    THURSDAY_EVENING,
    all_written,
    an_entry,
    entry_lists,
    some_entries,
    written,
)

GOLDEN = Path(__file__).parent / "golden"


def a_day_s_entries():
    """One of each kind that a file may hold, batch by batch."""
    return [
        an_entry(1, individual_name="José Núñez"),
        an_entry(
            2,
            account="00420017",
            account_type=AccountType.SAVINGS,
            routing="121042882",
            amount_cents=10000,
            individual_name="Anne-Marie O\u2019Brien of the Long Surname",
            payment_type=PaymentType.RECURRING,
        ),
        an_entry(3, purpose=Purpose.PRENOTE, amount_cents=0, account="5" * 17),
        an_entry(4, plan_description=DENTAL_PREMIUM, amount_cents=3150),
        an_entry(5, purpose=Purpose.RETRY, amount_cents=20000),
        an_entry(6, purpose=Purpose.REVERSAL, amount_cents=3150),
        an_entry(7, purpose=Purpose.REFUND, amount_cents=1200, effective_on=MONDAY),
    ]


def test_a_small_file_is_the_golden_one_to_the_byte():
    data, _ = written(a_day_s_entries(), first_trace=41)
    assert data == (GOLDEN / "a-day.ach").read_bytes()


def test_a_second_build_is_identical_to_the_byte():
    assert written(a_day_s_entries()) == written(a_day_s_entries())


def test_every_line_has_94_characters_and_the_file_whole_blocks():
    for count in range(1, 25):
        lines = written(some_entries(count))[0].decode().split("\n")
        assert lines.pop() == ""
        assert {len(line) for line in lines} == {94}
        assert len(lines) % 10 == 0


def test_a_file_that_fills_its_blocks_exactly_gets_no_filler():
    data, summary = written(some_entries(6))
    assert (summary.lines, data.count(b"9" * 94)) == (10, 0)


def test_each_description_and_effective_date_makes_one_batch():
    _, summary = written(a_day_s_entries())
    assert [(batch.key.description, batch.key.effective_on.day) for batch in summary.batches] == [
        ("HLTH PREM", 4),
        ("DENTALPREM", 4),
        ("RETRY PYMT", 4),
        ("REVERSAL", 4),
        ("HLTH PREM", 7),
    ]


def test_trace_numbers_go_on_from_the_first_through_all_batches():
    data, summary = written(a_day_s_entries(), first_trace=41)
    traces = [line[79:94].decode() for line in data.split(b"\n") if line.startswith(b"6")]
    assert traces == [f"08100021{rank:07d}" for rank in range(41, 48)]
    assert summary.next_trace == 48
    assert [batch.first_trace for batch in summary.batches] == [41, 44, 45, 46, 47]


def test_the_summary_says_what_a_manifest_must_keep():
    data, summary = written(a_day_s_entries())
    assert summary.entries == 7
    assert summary.debit_cents == 42480 + 10000 + 3150 + 20000
    assert summary.credit_cents == 3150 + 1200
    assert summary.sha256 == hashlib.sha256(data).hexdigest()


def test_the_same_entries_under_another_identity_are_another_file():
    entries = a_day_s_entries()
    again = writing.FileIdentity.first_at(THURSDAY_EVENING).following()
    assert written(entries)[1].sha256 != written(entries, identity=again)[1].sha256


def test_a_million_entries_at_ten_thousand_lines_a_file_would_be_101_files():
    # The same division, a thousand times smaller: 9,996 entries go into 10,000 lines.
    files = all_written(some_entries(100), most_lines=20)
    assert [summary.entries for _, summary in files] == [16] * 6 + [4]
    assert all(summary.lines <= 20 for _, summary in files)
    assert -(-1_000_000 // (10_000 - 4)) == 101


def test_files_that_follow_each_other_share_no_identity_and_no_trace_number():
    files = all_written(some_entries(100), most_lines=25)  # 25 lines hold two whole blocks
    assert len({summary.identity for _, summary in files}) == len(files) == 7
    traces = [
        line[79:94] for data, _ in files for line in data.split(b"\n") if line.startswith(b"6")
    ]
    assert traces == sorted(set(traces))
    assert len(traces) == 100


def test_a_file_limit_holds_for_many_small_batches_too():
    entries = [
        an_entry(rank, effective_on=date(2026, 12, rank), individual_name="X")
        for rank in range(1, 31)
    ]
    files = all_written(entries, most_lines=10)
    assert sum(summary.entries for _, summary in files) == 30
    assert all(summary.lines == 10 for _, summary in files)


def test_a_batch_goes_on_in_another_when_six_digits_can_t_count_its_entries(monkeypatch):
    monkeypatch.setattr(writing, "MOST_ENTRIES_A_BATCH", 4)
    _, summary = written(some_entries(10))
    assert [batch.entries for batch in summary.batches] == [4, 4, 2]


def test_a_total_that_twelve_digits_can_t_hold_goes_into_a_second_file():
    entries = [an_entry(rank, amount_cents=10**10 - 1) for rank in range(1, 102)]
    assert [summary.entries for _, summary in all_written(entries)] == [100, 1]


def test_trace_numbers_never_grow_into_an_eighth_digit():
    with pytest.raises(TracesUsedUp):
        written(some_entries(2), first_trace=9_999_999)


def test_an_entry_that_no_bank_would_take_stops_the_file():
    with pytest.raises(Unwritable) as refused:
        written([an_entry(1), an_entry(2, individual_name="王小明")])
    assert (refused.value.entry_id, refused.value.code) == ("PAYMENT00000002", "individual_name")


def test_entries_that_jump_between_batches_are_a_mistake_of_ours():
    mixed = [an_entry(1), an_entry(2, plan_description=DENTAL_PREMIUM), an_entry(3), an_entry(4)]
    with pytest.raises(AssertionError):
        written(mixed)


def test_no_entries_make_no_file():
    assert all_written([]) == []


@given(entry_lists)
def test_an_entry_is_written_at_once_as_it_would_be_field_by_field(entries):
    for rank, entry in enumerate(entries):
        trace = f"08100021{rank:07d}"
        line = entry_line(entry, entry.name_for_the_bank, trace)
        assert line == ENTRY_DETAIL.write(entry_detail(entry, trace))
