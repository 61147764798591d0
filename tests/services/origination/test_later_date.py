"""A file that goes later than members were told: each is mailed the real date before (rule 27)."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain import entry
from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.entry import Batch
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.run import shard_of
from tests.bank import OUTBOUND, Bank, walked
from tests.builders import a_bank_account
from tests.monthly import MONTH, WITHDRAWAL, at
from tests.stores import mail_rows

ONE, TWO, THREE = "EN000001", "EN000002", "EN000003"
EVENING = at(22, 18)


@pytest.fixture(autouse=True)
def _few_web_shards(monkeypatch):
    monkeypatch.setattr(entry, "WEB_SHARDS", 2)


@pytest.fixture
def bank():
    return Bank()


def reports_late(bank):
    """Everybody is claimed before noon; of one shard the report comes only after it.

    Who is in the late shard, and who is in the other.
    """
    shards = bank.system.settings.run_shards
    by_shard = {shard: [] for shard in range(shards)}
    for n in range(1, 7):
        bank.member(f"EN{n:06}")
        by_shard[shard_of(slot_of(f"EN{n:06}"), shards)].append(f"EN{n:06}")
    bank.tell()
    bank.start(WITHDRAWAL, at(22))
    bank.work()
    rows = bank.store.items["runs"]
    key = (f"withdrawal#{MONTH}", "shard#000")
    rows[key] = {**rows[key], "reported": False}
    bank.noon(at(22, 12))
    rows[key] = {**rows[key], "reported": True}
    assert all(by_shard.values())
    return by_shard[0], by_shard[1]


def test_rule_27_a_withdrawal_that_misses_noon_is_told_its_later_date(bank):
    late, punctual = reports_late(bank)
    assert bank.mail("withdrawal", late[0])["on"] == "2026-12-22"
    assert {each.settles_on.day for each in bank.taken().values()} == {22}
    bank.collect(EVENING)
    assert bank.mails("later") == late
    assert not set(punctual) & set(bank.mails("later"))
    facts = bank.mail("later", late[0])
    assert (facts["announced_on"], facts["now_on"]) == ("2026-12-22", "2026-12-23")
    assert (facts["kind"], facts["counts_on"], facts["cents"]) == (
        "withdrawal",
        "2026-12-22",
        42480,
    )
    to = {row["to"] for row in mail_rows(bank.store) if row["kind"] == "later"}
    assert to == {f"{name.lower()}@example.com" for name in late}


def test_rule_27_the_letter_is_promised_before_any_file_leaves(bank):
    late, _ = reports_late(bank)
    put, seen = bank.s3.put_object, []

    def watched(*, Key, **more):  # noqa: N803 - as S3 says it
        if Key.startswith(OUTBOUND):
            seen.append(bank.mails("later"))
        put(Key=Key, **more)

    bank.s3.put_object = watched
    bank.collect(EVENING)
    assert seen == [late]
    woken = {message["mail_id"] for message in bank.here.mail_queue.messages}
    later = {f"later.{name}.2026-12-23" for name in (bank.payment_ids(each)[0] for each in late)}
    assert later <= woken


def test_rule_27_a_payment_of_a_day_that_was_missed_is_told_too(bank):
    bank.pays(ONE)  # Thursday: told Friday; nobody collected
    bank.pays(TWO, at(4, 10))
    bank.collect(at(4, 18))
    assert bank.mails("later") == [ONE]
    facts = bank.mail("later")
    assert (facts["announced_on"], facts["now_on"]) == ("2026-12-04", "2026-12-07")
    assert (facts["kind"], facts["counts_on"]) == ("payment", "2026-12-03")
    assert facts["confirmation"].startswith("HC-")


def test_one_letter_however_often_the_job_comes(bank):
    bank.pays(ONE)
    bank.s3.gate = _down
    for _ in range(2):
        with pytest.raises(OSError):
            bank.collect(at(4, 18))
    bank.s3.gate = lambda: None
    for _ in range(2):
        bank.collect(at(4, 18))
    assert bank.mails("later") == [ONE]


def _down():
    raise OSError


def test_where_the_dates_agree_nothing_is_read_again(bank):
    bank.member(ONE)
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    bank.pays(TWO, at(22, 10))
    bank.collect(EVENING)
    blind = replace(bank.system.later_date, records=None, payers=None)
    for transmission in bank.system.records.transmissions.all():
        assert transmission.batches
        blind.tell(transmission, EVENING)
    assert bank.mails("later") == []


@pytest.mark.parametrize("kind", [EntryKind.REFUND, EntryKind.REVERSAL, EntryKind.PRENOTE])
def test_what_takes_no_money_makes_no_letter(bank, kind):
    payment_id = bank.pays(ONE)
    rows = bank.store.items["entries"]
    key = next(key for key, row in rows.items() if row.get("payment_id") == payment_id)
    [waiting] = bank.system.records.books.entries(key[0])
    cents = 0 if kind is EntryKind.PRENOTE else waiting.amount_cents
    other = replace(waiting, payment_id="Z" * 15, kind=kind, amount_cents=cents)
    bank.store.write(*bank.system.records.books.joining(other))
    bank.collect(at(4, 18))
    assert len(bank.taken()) == 2
    assert bank.mails("later") == [ONE]


def test_what_was_left_out_of_its_file_is_told_nothing(bank):
    poor, good = bank.pays(ONE), bank.pays(TWO)
    rows = bank.store.items["entries"]
    key = next(key for key, row in rows.items() if row.get("payment_id") == poor)
    sealed = a_bank_account().sealed_number
    rows[key] = {**rows[key], "account": {**rows[key]["account"], "sealed_number": sealed}}
    bank.collect(at(4, 18))
    assert bank.mails("later") == [TWO]
    assert good in bank.taken()


def test_who_has_no_address_is_a_case_for_staff(bank):
    payment_id = bank.pays(ONE)
    confirmation = bank.system.records.books.payment(payment_id).confirmation
    bank.forget("payments", confirmation)
    bank.collect(at(4, 18))
    [case] = bank.system.records.cases.open()
    assert (case.case_id, str(case.kind)) == (f"later#{payment_id}#2026-12-07", "not_told")
    assert payment_id in bank.taken()


def test_invariant_11_after_a_crash_anywhere_everybody_is_told_once_and_before():
    late = []

    def prepare(bank):
        late[:], _ = reports_late(bank)

    def look(bank, again):
        if again.files[1:]:
            assert again.mails("later") == late
        again.system.transmission_job.collect(EVENING)
        again.fetch(EVENING)
        mailed = again.mails("later")
        assert mailed == late
        uncertain = list(again.cases()) == ["uncertain_send#collection#2026-12-22"]
        assert uncertain or len(again.taken()) == 6

    walked(prepare, lambda bank: bank.system.transmission_job.collect(EVENING), look)


def test_a_batch_knows_the_earliest_date_that_was_told(bank):
    bank.pays(ONE)
    bank.pays(TWO, at(4, 10))
    bank.collect(at(4, 18))
    batches = bank.transmission("2026-12-04").batches
    assert {batch.announced_on for batch in batches} == {date(2026, 12, 4), date(2026, 12, 7)}
    assert {batch.kind for batch in batches} == {Batch.HEALTH}


def test_invariant_15_a_row_that_can_not_be_read_keeps_nobody_else_from_their_letter(bank):
    poor, _ = bank.pays(ONE), bank.pays(TWO)
    rows = bank.store.items["payments"]
    rows[(poor,)] = {**rows[(poor,)], "amount_cents": "all"}
    bank.collect(at(4, 18))
    assert bank.mails("later") == [TWO]
    assert any("a row about it can't be read" in reason for reason in bank.cases().values())
