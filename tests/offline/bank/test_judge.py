"""The offline bank refuses what the ACH operator refuses, and takes what it takes."""

from datetime import UTC, date, datetime

import pytest

from infra.offline.bank.judge import judge
from infra.offline.bank.papers import Customer
from tests.domain.ach.broken import BROKEN, UNLISTED
from tests.domain.ach.builders import some_entries, written
from tests.domain.ach.by_hand import a_file, addenda, batch, entry
from tests.domain.ach.test_writer import a_day_s_entries

CUSTOMER = Customer(origin="1987654320", odfi="08100021")
THURSDAY_NOON = datetime(2026, 12, 3, 17, 0, tzinfo=UTC)
THURSDAY_EVENING = datetime(2026, 12, 3, 23, 0, tzinfo=UTC)


def judged(data, at=THURSDAY_EVENING, **options):
    return judge([data], CUSTOMER, at, lists_bank=lambda routing: routing != UNLISTED, **options)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_file_that_breaks_one_rule_is_refused_for_that_reason_alone(broken):
    assert judged(broken.data).whys == ({broken.bank} if broken.bank else set())


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_files_of_any_size_are_taken_whole(count):
    data, summary = written(some_entries(count))
    result = judged(data)
    assert result.is_clean
    assert (result.entries, result.debit_cents) == (count, summary.debit_cents)
    assert len(result.kept) == count


def test_a_day_of_every_kind_of_entry_is_taken():
    assert judged(written(a_day_s_entries())[0]).is_clean


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
@pytest.mark.parametrize("size", [1, 94, 95, 10_000])
def test_line_ends_and_pieces_make_no_difference(end, size):
    data = a_file(batch(entry(patch={79: "1"}), addenda(), entry(2)), end=end)
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert judge(pieces, CUSTOMER, THURSDAY_EVENING).is_clean


def test_a_file_that_is_known_is_not_taken_twice():
    first = judged(a_file())
    again = judged(a_file(), known={first.key})
    assert again.whys == {"file: same file"}
    assert not again.is_taken
    assert again.kept == []


def test_a_refused_batch_takes_no_other_down():
    good, bad = batch(entry(1)), batch(entry(2), number=2, header={5: " " * 16})
    result = judged(a_file(good, bad))
    assert result.is_taken
    assert [taken.trace for taken in result.kept] == ["081000210000001"]


def test_a_refused_entry_comes_back_alone():
    result = judged(a_file(batch(entry(1), entry(2, routing="231380105"), entry(3))))
    assert [taken.trace[-1] for taken in result.kept] == ["1", "3"]
    assert [(taken.trace[-1], code) for taken, code in result.returned] == [("2", "R28")]


def test_of_a_refused_file_nothing_is_taken():
    result = judged(a_file(control={8: "000002"}))
    assert (result.is_taken, result.kept, result.returned) == (False, [], [])


def settled(effective, at, cents=42480):
    [taken] = judged(a_file(batch(entry(cents=cents), header={70: effective})), at).kept
    return taken.settles_on


@pytest.mark.parametrize(
    ("effective", "at", "settles"),
    [
        ("261204", THURSDAY_EVENING, date(2026, 12, 4)),
        ("261203", THURSDAY_NOON, date(2026, 12, 3)),
        ("261203", THURSDAY_EVENING, date(2026, 12, 4)),  # the last window was at 16:45
        ("261202", THURSDAY_NOON, date(2026, 12, 4)),  # past
        ("      ", THURSDAY_NOON, date(2026, 12, 4)),  # silently
        ("269999", THURSDAY_NOON, date(2026, 12, 4)),
        ("261207", datetime(2026, 12, 4, 23, tzinfo=UTC), date(2026, 12, 7)),
        ("261207", datetime(2026, 12, 5, 17, tzinfo=UTC), date(2026, 12, 7)),  # a Saturday
    ],
)
def test_an_entry_settles_on_its_date_or_silently_on_the_next_open_day(effective, at, settles):
    assert settled(effective, at) == settles


def test_more_than_a_million_dollars_never_settles_the_same_day():
    assert settled("261203", THURSDAY_NOON, cents=100_000_000) == date(2026, 12, 3)
    assert settled("261203", THURSDAY_NOON, cents=100_000_001) == date(2026, 12, 4)


def test_an_entry_never_shows_account_or_name():
    [taken] = judged(a_file()).kept
    assert "12345678" not in repr(taken)
    assert "MARIA" not in repr(taken)
