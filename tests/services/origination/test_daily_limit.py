"""The bank takes only so much of us in a day: what fits goes, the rest waits and says so."""

from dataclasses import replace

import pytest

from chalicelib.domain import entry
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.transmission import TransmissionState
from chalicelib.services.origination import batching
from tests.bank import Bank, walked
from tests.monthly import at

ONE, TWO, THREE = "EN000001", "EN000002", "EN000003"
CENTS = 42480
JANUARY = "2027-01"


@pytest.fixture(autouse=True)
def _few_web_shards(monkeypatch):
    monkeypatch.setattr(entry, "WEB_SHARDS", 2)


def limited(times, bank=None, **more):
    """A bank that takes so many payments of $424.80 a day."""
    limit = {"bank_daily_limit_cents": round(times * CENTS), **more}
    return Bank(bank.store, s3=bank.s3, queue=bank.queue, **limit) if bank else Bank(**limit)


def claimed(bank, *names):
    for name in names:
        bank.member(name)
    bank.tell()
    bank.withdraw()


def days(bank):
    """By payment id, the day of the month it settles on."""
    return {payment_id: each.settles_on.day for payment_id, each in bank.taken().items()}


def test_what_does_not_fit_goes_with_the_next_collection_and_members_are_told():
    bank = limited(1)
    first = bank.pays(ONE, at(2, 10))
    second = bank.pays(TWO, at(3, 10))  # the job of the 2nd never ran
    bank.collect(at(3, 18))
    assert days(bank) == {first: 4}
    assert bank.state(second, TWO) == "received"
    assert bank.cases() == {
        "bank_limit#web#2026-12-03": "web#2026-12-03, $424.80: it waits for the next collection; "
        "less is left today of the bank's daily limit of $424.80"
    }
    assert bank.here.metrics.counts["BankLimitReached"] == 1
    bank.collect(at(4, 18))
    assert days(bank) == {first: 4, second: 7}
    assert bank.mail("later", TWO)["now_on"] == "2026-12-07"
    assert bank.differences(at(4, 21)) == []


def test_the_page_s_days_go_before_shards_and_each_shard_by_itself():
    bank = limited(2)
    claimed(bank, *(f"EN{n:06}" for n in range(1, 4)))
    shards = {}
    for name in (ONE, TWO, THREE):
        line = bank.system.records.books.line(name, "withdrawal#2026-12")
        shards.setdefault(line.collection, []).append(line.payment_id)
    assert sorted(len(ids) for ids in shards.values()) == [1, 2]
    [alone] = next(ids for ids in shards.values() if len(ids) == 1)
    page = bank.pays("EN000009", at(22, 10))
    bank.collect(at(22, 18))
    assert days(bank).keys() == {page, alone}
    bank.collect(at(23, 18))
    assert len(bank.taken()) == 4
    assert bank.transmission("2026-12-23").debit_cents == 2 * CENTS


@pytest.mark.parametrize(
    "wants", [{"bank_daily_limit_cents": CENTS}, {"bank_daily_files": 1, "bank_most_lines": 20}]
)
def test_noon_and_evening_of_a_day_share_its_limits(wants):
    bank = Bank(**wants)
    claimed(bank, ONE)
    page = bank.pays(TWO, at(22, 10))
    bank.noon(at(22, 12))
    bank.collect(at(22, 18))
    assert page not in bank.taken()
    assert list(bank.cases()) == ["bank_limit#web#2026-12-22"]
    bank.collect(at(23, 18))
    assert days(bank)[page] == 24


def test_what_is_larger_than_the_limit_by_itself_rings_each_evening_and_stops_nobody():
    bank = limited(1)
    bank.pays(ONE, at(2, 10))
    bank.pays(TWO, at(2, 11))
    third = bank.pays(THREE)
    for day in (3, 4, 7):
        bank.collect(at(day, 18))
    assert days(bank) == {third: 4}
    [(case, reason)] = bank.cases().items()
    assert case == "above_bank_limit#web#2026-12-02"
    assert "$849.60: it never goes, unless the bank raises its daily limit" in reason
    assert bank.here.metrics.counts["BankLimitReached"] == 3
    raised = limited(2, bank)
    raised.collect(at(8, 18))
    assert len(raised.taken()) == 3


def test_a_day_that_waits_for_weeks_is_not_forgotten():
    bank = limited(0.5)
    waits = bank.pays(ONE)
    for day in (3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 21, 22):
        bank.collect(at(day, 18))
    assert bank.taken() == {}
    raised = limited(1, bank)
    raised.collect(at(23, 18))
    assert days(raised) == {waits: 24}


def test_a_shard_that_waits_for_months_is_not_forgotten():
    bank = limited(0.5)
    claimed(bank, ONE)
    bank.collect(at(22, 18))
    raised = limited(1, bank)
    raised.collect(at(5, 18, month="2027-03"))
    assert len(raised.taken()) == 1


def test_more_collections_than_a_transaction_holds_go_on_the_next_evening(monkeypatch):
    monkeypatch.setattr(batching, "MOST_COLLECTIONS", 2)
    bank = Bank()
    early, late = bank.pays(ONE, at(2, 10)), bank.pays(TWO, at(3, 10))
    for day in (3, 4, 7):
        bank.collect(at(day, 18))
    assert bank.taken() == {}  # six days before them stand first
    bank.collect(at(8, 18))
    assert bank.taken().keys() == {early, late}


def test_a_day_without_debits_is_taken_whatever_is_left():
    bank = limited(1)
    bank.pays(ONE)
    bank.collect(at(3, 18))
    assert (
        bank.system.records.transmissions.transmitted("web")["2026-12-02"]
        == "collection#2026-12-03"
    )
    assert bank.cases() == {}


def test_nor_when_more_went_today_than_the_limit_is_now():
    bank = Bank()
    claimed(bank, ONE, TWO)
    bank.noon(at(22, 12))
    lower = limited(1, bank)
    lower.collect(at(22, 18))
    assert "2026-12-22" in lower.system.records.transmissions.transmitted("web")
    assert lower.cases() == {}


def test_credits_do_not_count():
    bank = limited(1)
    bank.pays(ONE)
    [waiting] = [each for shard in range(2) for each in _entries(bank, shard)]
    other = replace(waiting, payment_id="Z" * 15, kind=EntryKind.REFUND)
    bank.store.write(*bank.system.records.books.joining(other))
    bank.collect(at(3, 18))
    assert len(bank.taken()) == 2
    assert bank.cases() == {}


def _entries(bank, shard):
    return bank.system.records.books.entries(f"web#2026-12-03#{shard:02}")


def test_what_was_released_today_counts_today():
    bank = limited(1)
    bank.pays(ONE)
    bank.collect(at(3, 18))
    sent = bank.transmission("2026-12-03")
    late = replace(sent, state=TransmissionState.SENDING).move_to(TransmissionState.SENT, at(4, 9))
    bank.system.records.transmissions.change(late, sent)
    page = bank.pays(TWO, at(4, 10))
    bank.collect(at(4, 18))
    assert page not in bank.taken()


def test_without_a_limit_all_goes():
    bank = Bank()
    for name in (ONE, TWO, THREE):
        bank.pays(name)
    bank.collect(at(3, 18))
    assert len(bank.taken()) == 3
    assert bank.here.metrics.counts["BankLimitReached"] == 0


def test_invariants_2_11_after_a_crash_anywhere_each_debit_goes_once():
    def prepare(bank):
        bank.pays(ONE, at(2, 10))
        bank.pays(TWO)

    def look(bank, _again):
        again = limited(1, bank)
        again.collect(at(3, 18))
        again.collect(at(4, 18))
        uncertain = [case for case in again.cases() if case.startswith("uncertain_send")]
        assert len(again.taken()) == (1 if uncertain else 2)
        assert "bank_limit#web#2026-12-03" in again.cases()

    def act(bank):
        limits = limited(1).system.transmission_job.batching.limits
        here = replace(bank.system.transmission_job.batching, limits=limits)
        replace(bank.system.transmission_job, batching=here).collect(at(3, 18))

    walked(prepare, act, look)


def test_the_setting_is_in_cents_of_one_day():
    assert Bank().system.settings.bank_daily_limit_cents is None
    assert limited(1).system.transmission_job.batching.limits.cents == CENTS


# The same for the count of files.


def few_files(files, bank=None, lines=20):
    """A bank that takes so many files a day: two payments fill one of ten lines, with all else."""
    wants = {"bank_daily_files": files, "bank_most_lines": lines}
    return Bank(bank.store, s3=bank.s3, queue=bank.queue, **wants) if bank else Bank(**wants)


def test_what_needs_more_files_than_are_left_today_goes_with_the_next_collection():
    bank = few_files(1)
    first = [bank.pays(f"EN{n:06}", at(2, 10)) for n in range(1, 9)]  # the job never ran
    second = [bank.pays(f"EN{n:06}", at(3, 10)) for n in range(11, 19)]
    bank.collect(at(3, 18))
    assert days(bank) == dict.fromkeys(first, 4)
    assert len(bank.transmission("2026-12-03").files) == 1
    assert bank.cases() == {
        "bank_limit#web#2026-12-03": "web#2026-12-03, $3,398.40: it waits for the next collection; "
        "less is left today of the bank's daily limit of 1 file"
    }
    bank.collect(at(4, 18))
    assert days(bank) == {**dict.fromkeys(first, 4), **dict.fromkeys(second, 7)}
    assert bank.differences(at(4, 21)) == []


def test_a_day_that_needs_more_files_than_the_bank_ever_takes_rings_and_stops_nobody():
    bank = few_files(1)
    many = [bank.pays(f"EN{n:06}", at(2, 10)) for n in range(1, 31)]
    one = bank.pays("EN000099", at(3, 10))
    bank.collect(at(3, 18))
    assert days(bank) == {one: 4}
    assert list(bank.cases()) == ["above_bank_limit#web#2026-12-02"]
    few_files(9, bank).collect(at(4, 18))
    bank.fetch(at(4, 18))
    assert days(bank) == {one: 4, **dict.fromkeys(many, 7)}


def test_what_waits_for_the_limit_is_a_case_of_its_own_and_no_difference():
    bank = Bank(bank_daily_limit_cents=42480)
    for n in range(1, 6):
        bank.pays(f"EN{n:06}", at(3, 10))
    bank.collect(at(3, 18))
    assert bank.prove(at(3, 20)) == []
    assert bank.differences(at(3, 20)) == []
    assert list(bank.cases()) == ["above_bank_limit#web#2026-12-03"]
