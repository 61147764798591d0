"""The offline bank says of every file that it took or refused it, in the form agreed with us."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.acknowledgement import read
from chalicelib.domain.bank_profile import DEFAULT
from infra.offline.bank.counter import Counter
from infra.offline.bank.papers import Customer
from tests.domain.ach.builders import an_entry, written
from tests.domain.ach.by_hand import a_file, batch, entry

CUSTOMER = Customer(origin="1987654320", odfi="08100021", name="HEALTH EXCHANGE")
EVENING = datetime(2026, 12, 3, 23, 0, tzinfo=UTC)
NAME = "1987654320-20261203-1800-A.ach"
HALF_AN_HOUR = timedelta(minutes=30)


def receipt(data, counter=None):
    """When it comes, and its only row."""
    counter = counter or Counter(CUSTOMER)
    counter.take([data], EVENING, NAME)
    first = counter.deliveries(EVENING + HALF_AN_HOUR)[0]
    assert DEFAULT.is_acknowledgement(first.data.splitlines()[0])
    said = read(first.data.splitlines(keepends=True))
    assert said.problems == ()
    [row] = said.rows
    return first.at, row


def test_half_an_hour_after_a_file_came_the_bank_says_what_it_read_in_it():
    sent = [an_entry(rank, amount_cents=4200 + rank) for rank in range(1, 4)]
    at, row = receipt(written(sent)[0])
    assert at == EVENING + HALF_AN_HOUR
    assert (row.file, str(row.verdict), row.reason) == (NAME, "accepted", "")
    assert (row.entries, row.debit_cents, row.credit_cents) == (3, 3 * 4200 + 6, 0)


def test_nothing_is_said_before_its_time_or_twice():
    counter = Counter(CUSTOMER)
    counter.take([written([an_entry()])[0]], EVENING, NAME)
    assert counter.next_at() == EVENING + HALF_AN_HOUR
    assert counter.deliveries(EVENING + HALF_AN_HOUR - timedelta(seconds=1)) == []
    assert len(counter.deliveries(EVENING + HALF_AN_HOUR)) == 1
    assert counter.deliveries(EVENING + HALF_AN_HOUR) == []


def test_a_receipt_comes_before_the_answers():
    counter = Counter(CUSTOMER)
    counter.take([written([an_entry(account="99000001")])[0]], EVENING, NAME)
    names = [each.name for each in counter.deliveries(EVENING + timedelta(days=400))]
    assert names == [f"{NAME}.csv", "answers-20261208-0800.ach"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (a_file(header={35: "095"}), "file: sizes"),
        (a_file(batch(entry(), header={80: "99999999"})), "batch: odfi; batch: trace prefix"),
    ],
)
def test_a_file_or_a_batch_that_is_refused_says_why(data, why):
    _, row = receipt(data)
    assert (str(row.verdict), row.reason) == ("refused", why)


def test_entries_that_go_back_one_by_one_refuse_no_file():
    _, row = receipt(a_file(batch(entry(routing="231380105"))))
    assert (str(row.verdict), row.reason) == ("accepted", "")


def test_the_same_file_again_is_refused():
    counter, data = Counter(CUSTOMER), written([an_entry()])[0]
    receipt(data, counter)
    _, row = receipt(data, counter)
    assert (str(row.verdict), row.reason) == ("refused", "file: same file")
