"""A file that could not be put out: it goes again by itself; only an uncertain send asks."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain import entry
from chalicelib.domain.transmission import TransmissionState
from chalicelib.ports import NotPutOut
from chalicelib.store import ConditionFailed
from tests.bank import OUTBOUND, Bank, walked
from tests.monthly import at
from tests.stores import Interrupted

ONE, TWO = "EN000001", "EN000002"
NOON, AFTERNOON, EVENING = at(22, 12), at(22, 14), at(22, 18, 30)
NAME = "collection#2026-12-22#noon"
FILE = "1234567890-20261222-1200-A.ach"
SENDING, SENT = TransmissionState.SENDING, TransmissionState.SENT


@pytest.fixture(autouse=True)
def _few_web_shards(monkeypatch):
    monkeypatch.setattr(entry, "WEB_SHARDS", 2)


def claimed(bank):
    """Two withdrawals of the 22nd wait for noon."""
    for name in (ONE, TWO):
        bank.member(name)
    bank.tell()
    bank.withdraw()
    return bank


def _down(*_, **__):
    raise OSError


def under_way(bank):
    """Noon's put was cut off, twice; what lets the first of them land after all."""
    claimed(bank)
    put, waiting = bank.s3.put_object, []

    def cut_off(*, Key, **more):  # noqa: N803 - as S3 says it
        if Key.startswith(OUTBOUND):
            waiting.append({"Key": Key, **more})
            _down()
        put(Key=Key, **more)

    bank.s3.put_object = cut_off
    with pytest.raises(OSError):
        bank.system.transmission_job.send_same_day(NOON)
    del bank.s3.put_object
    assert (len(waiting), transmission(bank).state) == (2, SENDING)

    def lands():
        with suppress(ClientError):
            put(**waiting[0])

    return lands


def transmission(bank):
    return bank.system.records.transmissions.get(NAME)


def resume(bank, when):
    bank.system.transmission_job.resume(when)


def watched(bank, seen):
    """Each call to the tables and to S3 is seen."""
    bank.s3.gate = lambda: seen._pass(True)
    return Bank(bank.store, s3=bank.s3, seen=seen, queue=bank.queue)


def each_moment(prepare):
    """A bank, and the moments at which something else may happen; one after the other."""
    for n in range(1, 200):
        bank = Bank()
        other = prepare(bank)
        seen = Interrupted(bank.store, n)
        yield bank, seen, other
        bank.s3.gate = lambda: None
        if seen.left > 0:
            assert n > 10, "there were calls to come between"
            return
    raise AssertionError("it never ended")


def is_out(bank, when, *, on):
    """Once, whole, settled on this date by the bank's own reckoning; nobody is called."""
    bank.fetch(when)
    stands = transmission(bank)
    assert (stands.state, bank.files, bank.lying) == (SENT, [FILE], [FILE])
    assert [body for body in bank.s3.objects.values() if not body] == []
    taken = bank.taken().values()
    assert [each.cents for each in taken] == [42480, 42480]
    assert {each.settles_on for each in taken} == {stands.settles_on} == {date(2026, 12, on)}
    assert bank.cases() == {}
    assert bank.here.metrics.counts["FilesNotSent"] == 0


# In time.


@pytest.mark.parametrize("times", [1, 2, 3, 5])
def test_issue_11_show_4_what_s3_failed_to_take_at_noon_is_out_by_the_next_try(times):
    bank = claimed(Bank())
    put, left = bank.s3.put_object, [None] * times

    def fails(*, Key, **more):  # noqa: N803 - as S3 says it
        if Key.startswith(OUTBOUND) and left:
            left.pop()
            _down()
        put(Key=Key, **more)

    bank.s3.put_object = fails
    for _ in range(3):  # Lambda tries a failed event again, twice
        with suppress(OSError):
            bank.system.transmission_job.send_same_day(NOON)
    is_out(bank, NOON, on=22)
    assert bank.mails("later") == []


def test_issue_11_after_one_error_anywhere_the_files_are_out_and_nobody_is_called():
    """In the outside harness 30 of 30 such points waited for staff."""

    def prepare(bank):
        claimed(bank)

    for bank, seen, _ in each_moment(prepare):
        seen.act = _down
        with suppress(OSError):
            watched(bank, seen).system.transmission_job.send_same_day(NOON)
        again = Bank(bank.store, s3=bank.s3)
        again.system.transmission_job.send_same_day(NOON)
        is_out(again, NOON, on=22)


def test_an_answer_that_was_lost_needs_no_second_file():
    bank = claimed(Bank())
    put = bank.s3.put_object

    def deaf(*, Key, **more):  # noqa: N803 - as S3 says it
        put(Key=Key, **more)
        if Key.startswith(OUTBOUND):
            _down()

    bank.s3.put_object = deaf
    bank.system.transmission_job.send_same_day(NOON)
    del bank.s3.put_object
    resume(bank, AFTERNOON)
    is_out(bank, AFTERNOON, on=22)


def test_a_job_that_may_still_be_at_it_is_left_alone():
    bank = Bank()
    under_way(bank)
    resume(bank, NOON + timedelta(minutes=14))
    assert transmission(bank).state is SENDING
    resume(bank, NOON + timedelta(minutes=15))
    is_out(bank, AFTERNOON, on=22)


def test_invariant_17_a_put_that_lands_after_all_is_the_same_file():
    for bank, seen, lands in each_moment(under_way):
        seen.act = lands
        resume(watched(bank, seen), AFTERNOON)
        is_out(bank, AFTERNOON, on=22)
        assert bank.mails("later") == []


# Its date has passed.


def test_rule_27_what_leaves_after_its_date_is_told_before_and_waits_for_nobody():
    bank = Bank()
    under_way(bank)
    put, told = bank.s3.put_object, []

    def seen(*, Key, Body, **more):  # noqa: N803 - as S3 says it
        if Body:
            told.append(bank.mails("later"))
        put(Key=Key, Body=Body, **more)

    bank.s3.put_object = seen
    resume(bank, EVENING)
    assert told == [[ONE, TWO]]
    assert bank.mail("later")["now_on"] == "2026-12-23"
    is_out(bank, EVENING, on=23)


def test_a_put_that_lands_while_another_date_is_decided_settles_on_one_date():
    """Landed before its place is held it is the file; after it, it lands nowhere until all know."""
    landed, left_untold = set(), []
    for bank, seen, lands in each_moment(under_way):
        bank.s3.now = EVENING

        def comes(bank=bank, lands=lands):
            before, is_later = len(bank.lying), transmission(bank).moved_to is not None
            lands()
            landed.add(has_landed := len(bank.lying) > before)
            left_untold.append(has_landed and is_later and not bank.mails("later"))
            bank.fetch(EVENING)

        seen.act = comes
        resume(watched(bank, seen), EVENING)
        is_out(bank, EVENING, on=23)
        assert bank.mails("later") == [ONE, TWO]
    assert landed == {True, False}
    assert not any(left_untold), "rule 27: what has a later date is told before it leaves"


@pytest.mark.parametrize(("minute", "on", "told"), [(45, 22, []), (46, 23, [ONE, TWO])])
def test_a_put_that_landed_before_anybody_looked_settles_by_when_it_landed(minute, on, told):
    bank = Bank()
    lands = under_way(bank)
    bank.s3.now = at(22, 16, minute)
    lands()
    bank.fetch(bank.s3.now)
    resume(bank, EVENING)
    is_out(bank, EVENING, on=on)
    assert bank.mails("later") == told


def test_invariant_17_two_late_tries_at_the_same_moment_send_one_file_and_one_letter():
    for bank, seen, _ in each_moment(under_way):
        other = Bank(bank.store, s3=bank.s3)
        seen.act = lambda other=other: resume(other, EVENING)
        with suppress(NotPutOut, ConditionFailed):  # its own try comes again
            resume(watched(bank, seen), EVENING)
        bank.s3.gate = lambda: None
        resume(bank, EVENING)
        is_out(bank, EVENING, on=23)
        assert bank.mails("later") == [ONE, TWO]


def test_invariants_11_17_after_a_crash_anywhere_a_later_try_ends_the_same():
    def look(bank, again):
        resume(again, at(22, 20))
        is_out(again, at(22, 20), on=23)
        assert bank.mails("later") == [ONE, TWO]

    walked(under_way, lambda bank: resume(bank, EVENING), look, least=10)


def test_invariants_11_17_after_a_crash_anywhere_the_next_day_tells_the_date_of_that_day():
    def look(bank, again):
        out = bool(again.lying)
        bank.fetch(EVENING)
        resume(again, at(23, 17))
        is_out(bank if out else again, at(23, 17), on=23 if out else 24)
        assert bank.mail("later")["now_on"] == f"2026-12-{23 if out else 24}"

    walked(under_way, lambda bank: resume(bank, EVENING), look, least=10)


def test_invariant_11_who_finds_a_file_that_landed_late_tells_its_date_whatever_dies():
    def prepare(bank):
        lands = under_way(bank)
        bank.s3.now = at(22, 17)
        lands()
        bank.fetch(bank.s3.now)

    def look(bank, again):
        resume(again, at(22, 20))
        is_out(bank, EVENING, on=23)
        assert bank.mails("later") == [ONE, TWO]

    walked(prepare, lambda bank: resume(bank, EVENING), look, least=10)


def test_who_slept_while_its_place_is_held_puts_nothing_out_and_calls_nothing_sent():
    bank = Bank()
    lands = under_way(bank)
    slept = transmission(bank)
    bank.system.sending.hold(slept)
    lands()
    with pytest.raises(NotPutOut):
        bank.system.transitions.send(slept)
    assert (bank.lying, transmission(bank).state) == ([], SENDING)
    bank.fetch(EVENING)
    assert bank.files == []  # the bank takes nothing without a byte
    resume(bank, EVENING)
    is_out(bank, EVENING, on=23)


# What people decide.


def test_what_somebody_took_away_is_an_uncertain_send_and_asks():
    bank = Bank()
    under_way(bank)()
    bank.s3.take_away(f"{OUTBOUND}{FILE}")
    for when in (AFTERNOON, EVENING):
        resume(bank, when)
    assert (transmission(bank).state, bank.lying) == (SENDING, [])
    assert list(bank.cases()) == [f"uncertain_send#{NAME}"]
    assert bank.mails("later") == []
    assert bank.here.metrics.counts["FilesNotSent"] == 2


def test_files_of_which_only_some_left_before_their_date_ask():
    bank = Bank(bank_most_lines=10)
    for n in range(1, 20):
        bank.pays(f"EN{n:06}")
    put = bank.s3.put_object

    def first_only(*, Key, **more):  # noqa: N803 - as S3 says it
        if Key.startswith(OUTBOUND) and not Key.endswith("A.ach"):
            _down()
        put(Key=Key, **more)

    bank.s3.put_object = first_only
    with pytest.raises(OSError):
        bank.collect(at(3, 18))
    del bank.s3.put_object
    resume(bank, at(4, 17))
    assert len(bank.lying) == 1
    assert list(bank.cases()) == ["stale_transmission#collection#2026-12-03"]
    assert "some of its files" in bank.cases()["stale_transmission#collection#2026-12-03"]
    assert bank.mails("later") == []


def test_rule_27_after_the_28th_a_withdrawal_goes_only_when_staff_release_it():
    bank = Bank()
    under_way(bank)
    resume(bank, at(29, 9))
    assert (transmission(bank).state, bank.lying, bank.mails("later")) == (SENDING, [], [])
    assert list(bank.cases()) == [f"stale_transmission#{NAME}"]


def test_rule_27_on_the_28th_it_still_goes():
    bank = Bank()
    under_way(bank)
    resume(bank, at(28, 9))
    is_out(bank, at(28, 9), on=29)


@pytest.mark.parametrize(("day", "goes"), [(10, True), (11, False)])
def test_a_payment_of_the_page_goes_by_itself_for_six_days(day, goes):
    bank = Bank()
    bank.pays()
    bank.s3.gate = _down
    with pytest.raises(OSError):
        bank.collect(at(3, 18))
    bank.s3.gate = lambda: None
    resume(bank, at(day, 9))
    stale = [] if goes else ["stale_transmission#collection#2026-12-03"]
    assert (bool(bank.lying), list(bank.cases())) == (goes, stale)
