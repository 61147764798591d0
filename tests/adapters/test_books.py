"""The books, on both stores: lines are posted once, a submission is kept whole or not at all."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.entry import entry_of, web_collection
from chalicelib.domain.ledger import LineKind, owed
from chalicelib.domain.payment import AccountType, EntryKind
from chalicelib.repositories.books import HEADER, Books
from chalicelib.store import Change, ConditionFailed
from tests.builders import (
    NOW,
    a_bank_account,
    a_charge,
    a_line,
    a_payment,
    a_submission,
)

COLLECTION = web_collection(date(2026, 12, 3), "HC-7K4M-92QX")


@pytest.fixture
def books(store):
    return Books(store)


def two_payments(**changed):
    dental = a_payment(payment_id="P2", enrollment_id="EN000002", amount_cents=5000, **changed)
    return a_submission(a_payment(payment_id="P1", **changed), dental)


def keep(store, books, submission):
    store.write(*books.adding_submission(submission, NOW))


def entries(store):
    return [row for row in store.query("entries", COLLECTION) if row["entry"] != HEADER]


def header(store):
    return store.get("entries", (COLLECTION, HEADER))


def test_a_line_comes_back_as_it_was_posted(store, books):
    line = a_charge("2026-12", payment_id="P1", reason="because", at=NOW)
    store.write(books.adding_line(line))
    assert books.lines("EN000001") == [line]


def test_lines_come_oldest_first_and_of_one_enrollment_only(store, books):
    lines = [a_charge("2026-12", at=NOW), a_charge("2026-11"), a_line(enrollment_id="EN000002")]
    for line in lines:
        store.write(books.adding_line(line))
    assert [line.line for line in books.lines("EN000001")] == ["charge#2026-11", "charge#2026-12"]


def test_rule_01_a_line_is_posted_once_and_never_changed(store, books):
    store.write(books.adding_line(a_charge("2026-12", 21240)))
    with pytest.raises(ConditionFailed):
        store.write(books.adding_line(a_charge("2026-12", 99999)))
    assert owed(books.lines("EN000001")) == 21240


def test_rule_11_a_submission_is_a_payment_a_line_and_an_entry_for_each_enrollment(store, books):
    submission = two_payments()
    keep(store, books, submission)
    for payment in submission.payments:
        assert books.payment(payment.payment_id) == payment
        (line,) = books.lines(payment.enrollment_id)
        assert (line.kind, line.line) == (LineKind.PAYMENT, f"payment#{payment.payment_id}")
        assert (line.amount_cents, line.payment_id) == (-payment.amount_cents, payment.payment_id)
        assert line.at == NOW
    assert sum(entry["amount_cents"] for entry in entries(store)) == submission.total_cents
    assert len(entries(store)) == 2


def test_a_submission_comes_back_as_it_was_kept(store, books):
    submission = two_payments()
    keep(store, books, submission)
    assert books.submission(submission.confirmation) == submission


def test_what_was_never_submitted_is_none(books):
    assert books.submission("HC-2222-2222") is None
    assert books.payment("P9") is None


def test_invariant_3_the_collection_counts_what_lies_in_it(store, books):
    keep(store, books, two_payments())
    assert (header(store)["count"], header(store)["cents"]) == (2, 47480)


def test_submissions_of_one_day_and_shard_are_counted_together(store, books):
    for n in range(2):
        payment = a_payment(payment_id=f"P{n}", enrollment_id=f"EN{n}", amount_cents=100)
        writes = books.adding_submission(a_submission(payment), NOW)
        store.write(*(write for write in writes if write.table == "entries"))
    assert (header(store)["count"], header(store)["cents"]) == (2, 200)


@pytest.mark.parametrize("state", ["closed", "sealed"])
def test_rule_12_a_collection_that_has_closed_takes_nothing_more(store, books, state):
    store.write(Change("entries", (COLLECTION, HEADER), set={"state": state}))
    with pytest.raises(ConditionFailed):
        keep(store, books, two_payments())
    assert books.payment("P1") is None
    assert books.submission("HC-7K4M-92QX") is None
    assert books.lines("EN000001") == []
    assert entries(store) == []


@pytest.mark.parametrize("taken", ["payment", "line", "confirmation"])
def test_rule_11_of_a_submission_all_is_kept_or_nothing(store, books, taken):
    submission = two_payments()
    other = replace(submission, confirmation="HC-2222-2222", payments=submission.payments[1:])
    if taken == "line":
        store.write(books.adding_line(a_line(enrollment_id="EN000002", line="payment#P2")))
    elif taken == "confirmation":
        keep(store, books, a_submission(a_payment(payment_id="P7", enrollment_id="EN000007")))
    else:
        keep(store, books, other)
    with pytest.raises(ConditionFailed):
        keep(store, books, submission)
    assert books.payment("P1") is None
    assert books.lines("EN000001") == []


def test_invariant_6_the_same_submission_twice_is_one(store, books):
    keep(store, books, two_payments())
    with pytest.raises(ConditionFailed):
        keep(store, books, two_payments())
    assert header(store)["count"] == 2
    assert len(books.lines("EN000001")) == 1


def test_rule_14_the_name_on_the_account_goes_into_the_entry(store, books):
    account = a_bank_account(holder_name="Someone Else", account_type=AccountType.SAVINGS)
    keep(store, books, a_submission(a_payment(account=account), account=account))
    (entry,) = entries(store)
    assert entry["account"]["holder_name"] == "Someone Else"
    assert entry["account"]["account_type"] == "savings"
    assert entry["account"]["sealed_number"] == account.sealed_number
    assert (entry["kind"], entry["effective_on"]) == (str(EntryKind.ONE_TIME), "2026-12-04")


def test_the_entry_is_named_by_its_payment(store, books):
    """Nacha: a return is found by the individual id of the entry, 15 signs."""
    keep(store, books, a_submission())
    (entry,) = entries(store)
    assert entry["entry"] == "health#AAAAABBBBBCCCCC"
    assert len(entry["payment_id"]) == 15


def test_a_days_entries_are_spread_over_64_collections():
    spread = {web_collection(date(2026, 12, 3), f"HC-{n}") for n in range(2000)}
    assert len(spread) == 64
    assert min(spread) == "web#2026-12-03#00"
    assert max(spread) == "web#2026-12-03#63"


def test_no_row_of_the_books_is_changed_by_a_submission_but_the_collections_header(books):
    writes = books.adding_submission(two_payments(), NOW)
    changed = [write for write in writes if isinstance(write, Change)]
    assert [write.key[1] for write in changed] == [HEADER]
    assert all(None in write.when.values() for write in writes if write not in changed)


def test_invariant_2_an_entry_that_stands_is_not_put_over(books):
    entry = entry_of(a_payment())
    books.put_entry(entry)
    books.put_entry(replace(entry, effective_on=date(2026, 12, 9), amount_cents=1))
    assert list(books.entries(COLLECTION)) == [entry]
