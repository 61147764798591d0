"""Two months of a small year; and each of its checks sees the defect that it is there for."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.simulation import checks, on_moto, year
from tests.faults.simulation.people import Asked, Cancelled
from tests.small import shrink

SEED, MEMBERS, MONTHS = 3, 12, 2
LAST = "2027-01"


@pytest.fixture(scope="module")
def played():
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch.setattr)
        yield year.simulate(SEED, MEMBERS, MONTHS)


@pytest.fixture
def here(played):
    """The town at the end; what a test spoils is whole again afterwards."""
    here = played.town
    state, diary = here.world.state, here.diary
    here.world.state = state.copy()
    here.diary = replace(diary, **{name: list(getattr(diary, name)) for name in LISTS})
    yield here
    here.world.state, here.diary = state, diary


LISTS = ("asked", "cancelled", "stopped", "bounced", "retried", "given_back")


def rows(here, table="ledger", **wanted):
    found = here.world.state.store.items[table]
    return {k: r for k, r in found.items() if all(r.get(n) == v for n, v in wanted.items())}


def spoil(here, table="ledger", **wanted):
    """The first row that is so, and a way to change it."""
    key, row = next(iter(rows(here, table, **wanted).items()))

    def put(**changed):
        here.world.state.store.items[table][key] = {**row, **changed}

    return row, put


def named(here, check):
    """What one check says."""
    [found] = [each for _, each in checks.CHECKS if each.__name__ == check]
    return list(found(here, LAST))


def test_two_months_with_faults_end_as_they_must(played):
    assert played.violations == []
    assert played.town.world.gate.struck_times > 10
    kinds = Counter(row["kind"] for row in rows(played.town).values())
    assert {"charge", "payment", "withdrawal", "return"} <= kinds.keys()


def test_the_same_seed_is_the_same_year(monkeypatch):
    shrink(monkeypatch.setattr)
    first, again, other = (year.simulate(seed, 4, 1).fingerprint for seed in (3, 3, 4))
    assert first == again != other


def test_the_real_adapter_on_moto_keeps_what_the_tables_in_memory_have(monkeypatch):
    shrink(monkeypatch.setattr)
    assert on_moto.held("moto:1", 3, 1).violations == ()


@pytest.mark.slow
@pytest.mark.parametrize("seed", year.KEPT)
def test_a_seed_that_once_broke_something_does_no_more(seed, monkeypatch):
    shrink(monkeypatch.setattr)
    assert year.simulate(seed).violations == []


# --- each check, red ------------------------------------------------------------------------------


def test_without_a_defect_no_check_says_anything(here):
    assert [said for _, check in checks.CHECKS for said in check(here, LAST)] == []


def test_a_charge_that_is_a_cent_off_is_seen(here):
    row, put = spoil(here, kind="charge")
    put(amount_cents=row["amount_cents"] + 1)
    assert named(here, "owed_is_what_was_fed_and_paid")


def test_a_charge_that_was_not_posted_is_seen(here):
    key = next(key for key, row in rows(here, kind="charge").items() if row["amount_cents"])
    del here.world.state.store.items["ledger"][key]
    assert named(here, "owed_is_what_was_fed_and_paid")


def test_a_return_that_was_not_booked_is_seen(here):
    key = next(iter(rows(here, kind="return")))
    del here.world.state.store.items["ledger"][key]
    assert named(here, "owed_is_what_was_fed_and_paid")


def test_money_that_the_bank_has_and_we_have_not_is_seen(here):
    row, put = spoil(here, kind="withdrawal", verdict="claimed")
    put(amount_cents=row["amount_cents"] - 1)
    assert named(here, "the_bank_has_what_the_books_have")


def test_a_submit_that_was_answered_and_is_no_payment_is_seen(here):
    asked = Asked("EN000000", 4711, here.world.now(), sure=True)
    here.diary.asked.append(asked)
    assert named(here, "a_submit_is_a_payment")
    here.diary.asked[-1] = replace(asked, sure=False)
    assert not named(here, "a_submit_is_a_payment")


def test_a_payment_that_nobody_submitted_is_seen(here):
    here.diary.asked = [each for each in here.diary.asked if not each.cents]
    assert named(here, "a_submit_is_a_payment")


def test_more_than_was_told_is_seen(here):
    row, put = spoil(here, kind="withdrawal", verdict="claimed")
    put(amount_cents=row["amount_cents"] - 1)
    assert named(here, "no_more_than_was_told")


def test_a_mail_that_never_left_tells_nobody(here):
    here.world.state.sent = []
    assert named(here, "no_more_than_was_told")
    assert named(here, "everybody_is_told")


def test_what_the_page_showed_was_told_also_where_its_mail_failed(here):
    outbox = here.world.state.store.items["outbox"]
    copies = {row["mail_id"] for row in outbox.values() if row.get("kind") == "confirmation"}
    here.world.state.sent = [mail for mail in here.world.state.sent if mail[0] not in copies]
    assert not named(here, "no_more_than_was_told")


def test_a_debit_after_a_cancel_is_seen(here):
    row, _ = spoil(here, kind="withdrawal", verdict="claimed")
    before = checks._when(row) - timedelta(days=1)
    cancelled = Cancelled(row["enrollment_id"], row["mandate_id"], before, is_late=False)
    here.diary.cancelled.append(cancelled)
    assert named(here, "a_cancel_comes_true")
    here.diary.cancelled[-1] = replace(cancelled, undone=True)
    assert not named(here, "a_cancel_comes_true")


def test_a_debit_after_a_cancel_that_was_too_late_is_seen_in_the_next_month_only(here):
    row, _ = spoil(here, kind="withdrawal", verdict="claimed", month=LAST)
    before = checks._when(row) - timedelta(hours=1)
    late = Cancelled(row["enrollment_id"], row["mandate_id"], before, is_late=True)
    here.diary.cancelled.append(late)
    assert not named(here, "a_cancel_comes_true")  # the run came to it an hour later
    here.diary.cancelled[-1] = replace(late, at=before - timedelta(days=31))
    assert named(here, "a_cancel_comes_true")


def test_what_is_still_taken_and_was_not_is_seen(here):
    late = Cancelled("EN000000", "NOBODYS", here.world.now(), is_late=True)
    here.diary.cancelled.append(late)
    assert named(here, "a_cancel_comes_true")


def test_a_second_withdrawal_from_a_number_that_was_corrected_is_seen(here):
    taken = {e.person_id.strip(): e for e in here.world.taken()}
    [one, two, *_] = rows(here, kind="withdrawal", verdict="claimed").items()
    for key, row in (one, two):
        here.world.state.store.items["ledger"][key] = {**row, "mandate_id": "ONE"}
        moved = replace(taken[row["payment_id"]], account="99000101")
        here.world.state.has[row["payment_id"]] = [moved]
    assert named(here, "a_correction_is_followed")


def test_a_debit_that_staff_had_stopped_is_seen(here):
    row, _ = spoil(here, kind="withdrawal", verdict="claimed")
    here.diary.stopped.append((row["month"], row["mandate_id"]))
    assert named(here, "a_stopped_one_is_not_debited")


def test_a_mandate_that_no_run_decided_is_seen(here):
    ledger = here.world.state.store.items["ledger"]
    for key in rows(here, kind="withdrawal", month=LAST):
        del ledger[key]
    assert named(here, "who_set_up_is_decided")


def test_a_return_that_nobody_was_told_of_is_seen(here):
    outbox = here.world.state.store.items["outbox"]
    for kind in ("not_paid", "paid"):
        before = dict(outbox)
        for key in rows(here, "outbox", kind=kind):
            del outbox[key]
        assert named(here, "each_entry_has_its_end")
        here.world.state.store.items["outbox"] = outbox = before


def test_paid_a_day_too_early_is_seen(here):
    row, put = spoil(here, "outbox", kind="paid")
    put(created_at=(checks._when(row, "created_at") - timedelta(days=1)).isoformat())
    assert named(here, "each_entry_has_its_end")


def test_a_mail_that_goes_twice_is_seen(here):
    here.world.state.sent += here.world.state.sent[:1] * (here.world.gate.may_copy + 1)
    assert named(here, "a_mail_goes_once")


def test_a_bounce_without_a_phone_number_is_seen(here):
    here.diary.bounced.append("notice.nobody")
    assert named(here, "a_bounce_has_its_case")


def test_a_refund_that_was_answered_and_not_made_is_seen(here):
    here.diary.given_back.append("NOBODYS")
    assert named(here, "what_staff_were_answered_is_done")


def test_there_is_no_check_without_a_test():
    text = Path(__file__).read_text()
    assert [c.__name__ for _, c in checks.CHECKS if f'"{c.__name__}"' not in text] == []
