"""The evening's collection and the noon file: fixed once, written, proved, sent (design.md 9)."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest

from chalicelib.adapters.bank_line import FileChanged
from chalicelib.domain import entry
from chalicelib.domain.ach.composing import batch_control
from chalicelib.domain.ach.writer import MOST_TRACES
from chalicelib.domain.enrollment import Plan, slot_of
from chalicelib.domain.run import shard_of
from chalicelib.domain.transmission import TransmissionState
from chalicelib.ports import HAND_OVER_MS
from chalicelib.services.origination.transmitting import NotProved
from chalicelib.services.page.paying import NotAsShown
from chalicelib.store import Change, ConditionFailed, Put
from tests.bank import OUTBOUND, SEALED, THURSDAY, Bank, walked
from tests.builders import a_bank_account
from tests.monthly import WITHDRAWAL, at
from tests.stores import Deaf, Interrupted

ONE, TWO, THREE = "EN000001", "EN000002", "EN000003"
FIRST_FILE = "1234567890-20261203-1800-A.ach"


@pytest.fixture(autouse=True)
def _few_web_shards(monkeypatch):
    """A day's page collection in two parts: the rules are the same, and the tests quick."""
    monkeypatch.setattr(entry, "WEB_SHARDS", 2)


@pytest.fixture
def bank():
    return Bank()


def claimed(bank, *names, cents=42480):
    """The run of the 22nd has taken from them."""
    for name in names:
        bank.member(name, owed_cents=cents)
    bank.tell()
    bank.withdraw()


def late(bank, name):
    """One shard's worker reports only in the afternoon; the others did in the morning."""
    bank.start(WITHDRAWAL, at(22))
    shard = shard_of(slot_of(name), bank.system.settings.run_shards)
    waiting = [each for each in bank.queue.messages if each["shard"] == shard]
    bank.queue.messages = [each for each in bank.queue.messages if each["shard"] != shard]
    assert waiting
    bank.work()
    bank.queue.messages = waiting


# Which evening, which date.


@pytest.mark.parametrize(
    ("paid_at", "evening", "effective_on"),
    [
        (at(3, 17, 59), at(3, 18), date(2026, 12, 4)),  # Thursday, Friday
        (at(3, 18), at(4, 18), date(2026, 12, 7)),
        (at(4, 17, 59), at(4, 18), date(2026, 12, 7)),  # Friday, Monday
        (at(4, 18), at(7, 18), date(2026, 12, 8)),
        (at(5, 12), at(7, 18), date(2026, 12, 8)),
        (at(6, 12), at(7, 18), date(2026, 12, 8)),
        (at(24, 17, 59), at(24, 18), date(2026, 12, 28)),  # Christmas is a Friday
        (at(25, 9), at(28, 18), date(2026, 12, 29)),
        (at(31, 18), at(4, 18, month="2027-01"), date(2027, 1, 5)),
    ],
)
def test_a_payment_goes_with_the_first_18_00_that_is_ahead_of_it(
    bank, paid_at, evening, effective_on
):
    payment_id = bank.pays(when=paid_at)
    assert bank.state(payment_id) == "received"
    bank.collect(evening)
    assert bank.taken()[payment_id].settles_on == effective_on
    assert bank.state(payment_id) == "sent"


def test_a_payment_at_18_00_is_not_in_the_file_of_that_evening(bank):
    first, second = bank.pays(), bank.pays(TWO, at(3, 18))
    bank.collect(at(3, 18))
    assert bank.taken().keys() == {first}
    assert bank.state(second, TWO) == "received"


@pytest.mark.parametrize("day", [5, 6, 25])
def test_no_file_is_made_on_a_day_that_is_no_banking_day(bank, day):
    bank.pays(when=at(day - 3, 10))
    bank.collect(at(day, 18))
    assert bank.files == []
    assert bank.system.records.transmissions.all() == []


def test_an_empty_collection_makes_no_file_and_no_run(bank):
    bank.collect(at(3, 18))
    assert bank.files == []
    assert bank.system.records.runs.all() == []
    assert bank.cases() == {}


def test_a_payment_after_the_close_is_shown_its_new_date_and_writes_nothing(bank):
    bank.enroll(ONE)
    bank.system.records.books.close_web(date(2026, 12, 3))
    before = bank.store.items["ledger"].copy()
    with pytest.raises(NotAsShown):
        bank.pays()
    assert bank.store.items["ledger"] == before


# What goes along.


def test_the_file_says_who_pays_what_by_plan_and_kind(bank):
    single = bank.pays(ONE)
    first = bank.begins(TWO, cents=5000)
    dental = bank.pays(THREE, plan=Plan.DENTAL)
    bank.collect(at(3, 18))
    found = {
        key: (each.description.strip(), each.extra.strip(), each.cents)
        for key, each in bank.taken().items()
    }
    assert found == {
        dental: ("DENTALPREM", "S", 42480),
        single: ("HLTH PREM", "S", 42480),
        first: ("HLTH PREM", "R", 5000),
    }
    [judged] = bank.judged.values()
    assert judged.debit_cents == bank.transmission("2026-12-03").debit_cents == 2 * 42480 + 5000


def test_a_collection_is_a_run_whose_counts_are_entries(bank):
    bank.pays()
    bank.collect(at(3, 18))
    run = bank.system.records.runs.get("collection#2026-12-03")
    assert (str(run.kind), run.period, str(run.state)) == ("collection", "2026-12-03", "closed")
    assert bank.counts(run.run_id) == (1, 1, 0, 0, 42480)


def test_rule_28_the_noon_file_is_made_on_the_debit_day_only(bank):
    claimed(bank, ONE)
    for day in (21, 23, 24):
        bank.noon(at(day, 12))
    assert bank.files == []
    bank.noon(at(22, 12))
    [entry] = bank.taken().values()
    assert (entry.settles_on, entry.extra.strip()) == (date(2026, 12, 22), "R")


def test_rule_28_on_a_weekend_the_noon_file_waits_for_monday(bank):
    month = "2027-05"  # the 22nd is a Saturday
    bank.member(plan_year=2027, mandate={"from_month": month})
    bank.tell(month=month)
    bank.withdraw(month=month)
    for day in (22, 23):
        bank.noon(at(day, 12, month=month))
        bank.collect(at(day, 18, month=month))
    assert bank.files == []
    bank.noon(at(24, 12, month=month))
    [entry] = bank.taken().values()
    assert entry.settles_on == date(2027, 5, 24)


def test_the_noon_file_leaves_the_payments_of_the_page_for_the_evening(bank):
    claimed(bank, ONE)
    payment_id = bank.pays(TWO, at(22, 10))
    bank.noon(at(22, 12))
    assert payment_id not in bank.taken()
    bank.collect(at(22, 18))
    assert bank.taken()[payment_id].settles_on == date(2026, 12, 23)


def test_a_late_shard_goes_with_the_evening_and_nobody_waits_for_it(bank):
    names = [f"EN{n:06}" for n in range(1, 9)]
    for name in names:
        bank.member(name)
    bank.tell()
    late(bank, names[0])
    bank.noon(at(22, 12))
    before = bank.taken()
    assert 0 < len(before) < len(names)
    bank.work()
    bank.noon(at(22, 12))  # a finished job answers at once
    assert bank.taken() == before
    bank.collect(at(22, 18))
    after = bank.taken()
    assert len(after) == len(names)
    dates = {key: each.settles_on.day for key, each in after.items() if key not in before}
    assert set(dates.values()) == {23}


def test_a_shard_that_has_not_reported_is_in_no_file(bank):
    bank.member()
    bank.tell()
    late(bank, ONE)
    bank.noon(at(22, 12))
    bank.collect(at(22, 18))
    assert bank.files == []
    bank.work()
    bank.collect(at(23, 18))
    [entry] = bank.taken().values()
    assert entry.settles_on == date(2026, 12, 24)


def test_invariant_2_a_shard_that_was_handed_over_midway_is_in_no_file(bank):
    names = [f"EN{n:06}" for n in range(1, 9)]
    for name in names:
        bank.member(name)
    bank.tell()
    bank.start(WITHDRAWAL, at(22))
    times = iter([HAND_OVER_MS, 0] * bank.system.settings.run_shards)
    for message in bank.queue.take():
        bank.deliver(message, lambda: next(times))
    places = bank.system.records.runs.checkpoints("withdrawal#2026-12")
    assert [each.reported for each in places] == [False, False], "each has worked a page"
    bank.noon(at(22, 12))
    assert bank.files == []
    bank.work()
    bank.collect(at(22, 18))
    assert len(bank.taken()) == len(names)


def test_a_missed_evening_is_collected_the_next(bank):
    first, second = bank.pays(), bank.pays(TWO, at(4, 10))
    bank.collect(at(4, 18))
    assert {key: each.settles_on.day for key, each in bank.taken().items()} == {first: 7, second: 7}
    bank.collect(at(3, 18))  # and when its job comes after all, there is nothing left
    assert len(bank.taken()) == 2


# The same again.


def test_invariant_16_the_same_job_again_changes_nothing(bank):
    bank.pays()
    bank.collect(at(3, 18))
    before, files = bank.kept(), dict(bank.s3.objects)
    again = Bank(bank.store, s3=bank.s3)
    again.collect(at(3, 18))
    assert (again.kept(), again.s3.objects) == (before, files)


def test_invariant_16_built_twice_the_bytes_are_the_same(bank):
    for n in range(1, 8):
        bank.pays(f"EN{n:06}", plan=Plan.DENTAL if n % 2 else Plan.HEALTH)
    bank.collect(at(3, 18))
    transmission = bank.transmission("2026-12-03")
    [file] = transmission.files
    plain = bank.s3.objects[f"{OUTBOUND}{file.name}"]
    assert hashlib.sha256(plain).hexdigest() == file.sha256
    bank.s3.objects.clear()
    fresh = Bank(bank.store, s3=bank.s3)
    [again] = fresh.system.transmission_job.maker.build(transmission)
    fresh.system.bank.send(again.name)
    assert (again, bank.s3.objects[f"{OUTBOUND}{file.name}"]) == (file, plain)


def test_invariant_17_every_file_has_an_identity_of_its_own(bank):
    bank = Bank(bank_most_lines=10)
    for n in range(1, 20):
        bank.pays(f"EN{n:06}")
    bank.collect(at(3, 18))
    assert bank.files == [f"1234567890-20261203-1800-{each}.ach" for each in "ABCD"]
    assert len(bank.taken()) == 19
    sealed = bank.transmission("2026-12-03")
    assert [file.name for file in sealed.files] == bank.files
    assert sum(file.entries for file in sealed.files) == sealed.entries == 19


def test_traces_go_on_from_file_to_file_and_begin_again_after_seven_digits(bank):
    bank.pays()
    bank.collect(at(3, 18))
    bank.pays(TWO, at(4, 10))
    bank.collect(at(4, 18))
    assert [each.trace[-7:] for each in bank.taken().values()] == ["0000001", "0000002"]
    counter = {"group": "#counter", "name": "#trace"}
    bank.store.items["transmissions"]["#counter", "#trace"] = {**counter, "next_trace": MOST_TRACES}
    for name in (THREE, "EN000004"):
        bank.pays(name, at(7, 10))
    bank.collect(at(7, 18))
    assert [each.trace[-7:] for each in bank.taken().values()][2:] == ["0000001", "0000002"]


def test_invariants_2_11_17_after_a_crash_anywhere_the_evening_is_sent_once():
    def prepare(bank):
        bank.pays(ONE, at(2, 10))
        bank.pays(TWO)
        bank.pays(THREE, plan=Plan.DENTAL)

    def look(bank, again):
        again.collect(at(3, 18))  # a fresh process, and a bank that looks only now
        taken = again.taken()
        sealed = again.transmission("2026-12-03")
        assert len(taken) == 3
        assert (bank.files, again.cases()) == ([FIRST_FILE], {})
        assert sealed.state is TransmissionState.SENT
        assert str(again.system.records.runs.get(sealed.transmission_id).state) == "closed"
        assert again.counts(sealed.transmission_id) == (3, 3, 0, 0, 3 * 42480)
        assert (
            len(again.system.records.transmissions.transmitted("web")) == 8
        )  # back to the 24th of November

    walked(prepare, lambda bank: bank.system.transmission_job.collect(at(3, 18)), look)


def test_invariant_2_after_a_crash_at_noon_each_claim_is_in_one_file_by_the_evening():
    def prepare(bank):
        claimed(bank, ONE, TWO)

    def look(bank, again):
        again.system.transmission_job.send_same_day(at(22, 12))  # Lambda tries a failed event again
        again.fetch(at(22, 12))
        again.collect(at(22, 18))
        assert [each.cents for each in again.taken().values()] == [42480, 42480]
        assert {each.settles_on.day for each in again.taken().values()} == {22}
        assert again.cases() == {}

    walked(prepare, lambda bank: bank.system.transmission_job.send_same_day(at(22, 12)), look)


def test_invariant_20_what_was_sealed_and_not_sent_goes_on_by_itself(bank):
    payment_id = bank.pays()
    bank.s3.gate = _down
    with pytest.raises(OSError):
        bank.collect(at(3, 18))
    bank.s3.gate = lambda: None
    assert (bank.files, bank.state(payment_id)) == ([], "received")
    bank.system.transmission_job.resume(at(3, 20))
    assert (bank.files, bank.state(payment_id)) == ([FIRST_FILE], "sent")


@pytest.mark.parametrize("job", ["collect", "resume"])
def test_what_is_redriven_late_settles_on_its_real_date_and_its_members_are_told(bank, job):
    payment_id = bank.pays()
    bank.s3.gate = _down
    with pytest.raises(OSError):
        bank.collect(at(3, 18))
    bank.s3.gate = lambda: None
    monday = at(7, 10)
    getattr(bank.system.transmission_job, job)(at(3, 18), monday)  # the dead letter
    bank.fetch(monday)
    stands = bank.transmission("2026-12-03")
    assert stands.settles_on == bank.taken()[payment_id].settles_on == date(2026, 12, 8)
    assert (bank.mails("later"), bank.mail("later")["now_on"]) == ([ONE], "2026-12-08")
    assert bank.cases() == {}


def test_the_files_of_a_late_evening_say_when_they_really_left(bank):
    bank.pays()
    bank.s3.gate = _down
    with pytest.raises(OSError):
        bank.collect(at(3, 18))
    bank.s3.gate = lambda: None
    bank.system.transmission_job.resume(at(3, 20), at(3, 21))
    assert bank.transmission("2026-12-03").sent_at == at(3, 21)


def test_a_day_that_is_redriven_before_it_was_sealed_goes_with_the_next_evening(bank):
    payment_id = bank.pays()
    bank.system.transmission_job.collect(at(3, 18), at(4, 19))
    assert bank.system.records.transmissions.all() == []
    bank.collect(at(7, 18))
    assert bank.taken()[payment_id].settles_on == date(2026, 12, 8)


def test_rule_28_noon_that_comes_after_the_last_same_day_window_leaves_all_to_the_evening(bank):
    claimed(bank, ONE)
    bank.system.transmission_job.send_same_day(at(22, 12), at(22, 16, 46))
    assert bank.system.records.transmissions.all() == []
    bank.collect(at(22, 18))
    [entry] = bank.taken().values()
    assert entry.settles_on == date(2026, 12, 23)


def test_invariant_15_a_transmission_that_can_not_be_proved_stops_no_other(bank, monkeypatch):
    bank.pays()
    bank.s3.gate = _down
    with pytest.raises(OSError):
        bank.collect(at(3, 18))
    bank.pays(TWO, at(4, 10))
    with pytest.raises(OSError):
        bank.collect(at(4, 18))
    bank.s3.gate = lambda: None
    maker = type(bank.system.transmission_job.maker)
    build = maker.build

    def none_of_the_first(self, transmission):
        return (
            iter(()) if transmission.transmission_id.endswith("-03") else build(self, transmission)
        )

    monkeypatch.setattr(maker, "build", none_of_the_first)
    with pytest.raises(NotProved):
        bank.system.transmission_job.resume(at(4, 20))
    assert bank.transmission("2026-12-04").state is TransmissionState.SENT


def _down():
    raise OSError


@pytest.mark.parametrize("state", ["sealed", "sending", "sent"])
def test_a_reply_that_was_lost_leaves_nothing_uncertain(bank, state):
    payment_id = bank.pays()

    def moves(write):
        return isinstance(write, Put) and write.item.get("state") == state

    Bank(bank.store, s3=bank.s3, seen=Deaf(bank.store, moves)).collect(at(3, 18))
    assert (bank.files, bank.state(payment_id), bank.cases()) == ([FIRST_FILE], "sent", {})


def test_invariant_17_two_workers_at_the_same_moment_send_one_file():
    for n in range(1, 100):
        bank = Bank()
        bank.pays()
        other = Bank(bank.store, s3=bank.s3)
        both = Interrupted(bank.store, n, lambda other=other: other.collect(at(3, 18)))
        one = Bank(bank.store, s3=bank.s3, seen=both)
        with suppress(ConditionFailed):  # the other has moved the counter: Lambda tries again
            one.system.transmission_job.collect(at(3, 18))
        if both.left > 0:
            assert n > 10
            return
        assert (bank.files, bank.transmission("2026-12-03").state) == (
            [FIRST_FILE],
            TransmissionState.SENT,
        )
        assert bank.cases() == {}
    raise AssertionError("the job never ended")


def test_invariant_17_a_file_that_the_bank_has_is_never_put_out_again(bank):
    bank.pays()
    bank.collect(at(3, 18))
    bank.answers(at(3, 19))
    transmission = bank.transmission("2026-12-03")
    bank.system.transitions.send(transmission)  # a twin that slept
    assert bank.lying == []


def test_an_uncertain_send_asks_staff_and_sends_nothing(bank):
    bank.pays()
    send = bank.system.bank.send

    def taken_away(name):
        send(name)
        bank.s3.take_away(f"{OUTBOUND}{name}")  # by the bank, or by anybody
        _down()

    bank.system.bank.send = taken_away
    bank.collect(at(3, 18))
    del bank.system.bank.send
    for _ in range(2):
        bank.system.transmission_job.resume(at(3, 20))
    assert bank.files == []
    [(case, reason)] = bank.cases().items()
    assert case == "uncertain_send#collection#2026-12-03"
    assert "release" in reason


def test_an_uncertain_send_that_the_bank_has_is_sent(bank):
    bank.pays()
    bank.collect(at(3, 18))
    sent = bank.transmission("2026-12-03")
    bank.system.records.transmissions.change(replace(sent, state=TransmissionState.SENDING), sent)
    bank.system.transmission_job.resume(at(3, 20))
    assert bank.transmission("2026-12-03") == replace(sent, sent_at=at(3, 20))
    assert bank.cases() == {}


# What no bank would take.


def spoiled(bank, name, **changed):
    """The waiting entry of somebody is not as it was written."""
    table = bank.store.items["entries"]
    key = next(k for k, row in table.items() if row.get("enrollment_id") == name)
    table[key] = {**table[key], "account": {**table[key]["account"], **changed}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"sealed_number": "v1.1.nonsense"},
        {"routing": "231380105"},
        {"routing": "000000000"},
        {"holder_name": "!"},
        {"holder_name": "李 0"},
        {"holder_name": "0000000000000000000000 Smith"},
    ],
)
def test_invariant_15_an_entry_that_can_not_be_written_is_left_out_and_the_others_go(bank, wrong):
    poor, other = bank.pays(ONE), bank.pays(TWO)
    if wrong == {"holder_name": "!"}:
        wrong = {"holder_name": "佐藤"}
    spoiled(bank, ONE, **wrong)
    bank.collect(at(3, 18))
    assert bank.taken().keys() == {other}
    assert list(bank.cases()) == [f"left_out#{poor}"]
    assert bank.transmission("2026-12-03").left_out_ids == {poor}
    assert bank.counts("collection#2026-12-03") == (2, 1, 0, 1, 42480)
    assert bank.state(poor) == "received"


@pytest.mark.parametrize(
    "wrong",
    [{"plan": "vision"}, {"amount_cents": "all"}, {"account": 7}, {"kind": None},
     {"payment_id": "nobody"}, {"enrollment_id": {}}],
)  # fmt: skip
def test_invariant_15_an_entry_whose_row_can_not_be_read_is_left_out_and_the_others_go(bank, wrong):
    poor, other = bank.pays(ONE), bank.pays(TWO)
    table = bank.store.items["entries"]
    key = next(key for key in table if key[1].endswith(poor))
    table[key] = {**table[key], **wrong}
    bank.collect(at(3, 18))
    assert bank.taken().keys() == {other}
    assert list(bank.cases()) == [f"left_out#{poor}"]
    assert bank.transmission("2026-12-03").left_out_ids == {poor}


def test_a_day_of_which_all_is_left_out_makes_no_file(bank):
    poor = bank.pays()
    spoiled(bank, ONE, sealed_number=a_bank_account().sealed_number)
    bank.collect(at(3, 18))
    assert bank.files == []
    assert list(bank.cases()) == [f"left_out#{poor}"]
    assert bank.transmission("2026-12-03").state is TransmissionState.SENT


# Proofs before anything leaves.


def test_invariant_3_files_that_do_not_add_up_do_not_leave(bank, monkeypatch):
    bank.pays()
    maker = type(bank.system.transmission_job.maker)
    build = maker.build

    def short(self, transmission):
        return (
            replace(file, debit_cents=file.debit_cents - 1) for file in build(self, transmission)
        )

    monkeypatch.setattr(maker, "build", short)
    with pytest.raises(NotProved):
        bank.collect(at(3, 18))
    assert bank.files == []
    assert bank.here.metrics.counts["FilesNotProved"] == 1


def test_a_file_that_the_operator_would_refuse_does_not_leave(bank, monkeypatch):
    bank.pays()

    def another_class(*args):
        return replace(batch_control(*args), service_class_code="220")

    monkeypatch.setattr("chalicelib.domain.ach.writer.batch_control", another_class)
    with pytest.raises(NotProved, match=r"(?i)class"):
        bank.collect(at(3, 18))
    assert bank.files == []
    assert bank.here.metrics.counts["FilesNotProved"] == 1


def test_invariant_16_a_sealed_file_that_would_change_is_not_sent(bank):
    bank.pays()
    bank.s3.put_object(
        Bucket="bucket",
        Key=f"{SEALED}{FIRST_FILE}",
        Body=bank.system.vault.seal("bank_file", "something else", f"{FIRST_FILE}#0").encode(),
        IfNoneMatch="*",
    )
    with pytest.raises(FileChanged):
        bank.collect(at(3, 18))
    assert bank.files == []


def test_a_row_that_lags_behind_its_header_is_waited_for(bank):
    payment_id = bank.pays()
    rows, looks = bank.store.items["entries"], []
    key = next(key for key, row in rows.items() if row.get("payment_id") == payment_id)
    row = rows[key]
    rows[key] = {**row, "amount_cents": 1}

    def catches_up(seconds):
        looks.append(seconds)
        rows[key] = row

    bank.system.records.books._pause = catches_up
    bank.collect(at(3, 18))
    assert len(looks) == 1
    assert bank.taken()[payment_id].cents == 42480


def test_a_collection_that_never_agrees_with_its_header_is_not_sealed(bank):
    bank.pays(when=THURSDAY)
    header = next(key for key in bank.store.items["entries"] if key[1] == "#header")
    bank.store.write(Change("entries", header, add={"count": 1, "cents": 1}))
    bank.system.records.books._pause = lambda _: None
    with pytest.raises(TimeoutError):
        bank.collect(at(3, 18))
    assert bank.system.records.transmissions.all() == []
