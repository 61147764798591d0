"""Staff release an uncertain send, and files whose date has come, by what the bank says of them."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain import entry
from chalicelib.domain.signature import Signature
from chalicelib.domain.transmission import TransmissionState
from chalicelib.services.origination.releasing import NothingToRelease
from tests.bank import OUTBOUND, Bank, walked
from tests.monthly import at
from tests.stores import Interrupted

ONE, TWO, THREE = "EN000001", "EN000002", "EN000003"
DAY, NAME = "2026-12-03", "collection#2026-12-03"
FIRST_FILE = "1234567890-20261203-1800-A.ach"
UNCERTAIN, STALE = f"uncertain_send#{NAME}", f"stale_transmission#{NAME}"
SENT, SENDING = TransmissionState.SENT, TransmissionState.SENDING
THAT_NIGHT, NEXT_DAY, LATE = at(3, 21), at(4, 21), at(11, 21)


@pytest.fixture(autouse=True)
def _few_web_shards(monkeypatch):
    monkeypatch.setattr(entry, "WEB_SHARDS", 2)


@pytest.fixture
def uncertain():
    """A file of two payments was put out, and somebody took it away: the bank, perhaps."""
    return left_uncertain(Bank())


@pytest.fixture
def stale():
    """S3 was down for a week; the files are dated a day that is long past."""
    return gone_stale(Bank())


def left_uncertain(bank):
    bank.pays(ONE)
    bank.pays(TWO)
    send = bank.system.bank.send

    def taken_away(name):
        send(name)
        bank.s3.take_away(f"{OUTBOUND}{name}")
        _down()

    bank.system.bank.send = taken_away
    bank.collect(at(3, 18))
    del bank.system.bank.send
    assert list(bank.cases()) == [UNCERTAIN]
    return bank


def gone_stale(bank):
    bank.pays(ONE)
    bank.pays(TWO)
    bank.s3.gate = _down
    with pytest.raises(OSError):
        bank.collect(at(3, 18))
    bank.s3.gate = lambda: None
    bank.system.transmission_job.resume(at(11, 20))
    assert list(bank.cases()) == [STALE]
    return bank


def _down():
    raise OSError


def signed(when, who="Ada", why="asked the bank"):
    return Signature(who=who, why=why, at=when)


def has_it(bank, when=THAT_NIGHT, **more):
    return bank.system.releasing.bank_has_it(bank.transmission(DAY), signed(when, **more))


def has_not(bank, when=THAT_NIGHT, **more):
    """And the bank fetches what was put out."""
    stands = bank.system.releasing.bank_has_not(bank.transmission(DAY), signed(when, **more))
    bank.fetch(when)
    return stands


def audit(bank, subject=f"transmission#{NAME}"):
    rows = bank.store.items["audit"].values()
    return [(row["what"], row["who"], row["why"]) for row in rows if row["subject"] == subject]


# The bank has it.


def test_what_the_bank_has_is_sent_and_nothing_goes_out(uncertain):
    stands = has_it(uncertain)
    assert uncertain.transmission(DAY) == stands
    assert (stands.state, stands.sent_at, stands.moved_to) == (SENT, THAT_NIGHT, None)
    assert (uncertain.files, uncertain.cases()) == ([], {})
    assert str(uncertain.system.records.runs.get(NAME).state) == "closed"
    assert audit(uncertain) == [("released: the bank has it", "Ada", "asked the bank")]
    assert audit(uncertain, f"case#{UNCERTAIN}") == [("closed", "Ada", "asked the bank")]


def test_what_staff_say_the_bank_has_must_still_be_acknowledged(uncertain):
    has_it(uncertain)
    uncertain.system.acknowledging.evening(at(4, 20))
    assert list(uncertain.cases()) == [f"unacknowledged#{NAME}"]
    uncertain.receive(uncertain.word(FIRST_FILE), at(4, 21))
    uncertain.evening(at(8, 20))
    assert uncertain.mails("paid") == [ONE, TWO]


# The bank has not.


def test_what_the_bank_has_not_goes_out_as_it_was_under_the_same_name(uncertain):
    stands = has_not(uncertain)
    assert (stands.state, stands.sent_at, stands.moved_to) == (SENT, THAT_NIGHT, None)
    assert uncertain.files == [FIRST_FILE]
    plain = uncertain.s3.objects[f"{OUTBOUND}{FIRST_FILE}"]
    assert plain == b"".join(uncertain.system.bank.read(FIRST_FILE))
    assert {each.settles_on for each in uncertain.taken().values()} == {date(2026, 12, 4)}
    assert (uncertain.cases(), uncertain.mails("later")) == ({}, [])
    [(what, who, _)] = audit(uncertain)
    assert (what, who) == ("released: the bank has not got it; sent again as it is", "Ada")


def test_only_what_is_missing_goes_out():
    bank = Bank(bank_most_lines=10)
    for n in range(1, 20):
        bank.pays(f"EN{n:06}")
    bank.collect(at(3, 18))
    sent = bank.transmission(DAY)
    bank.system.records.transmissions.change(replace(sent, state=SENDING), sent)
    taken, fetched, lost, lying = bank.files
    bank.receive(bank.word(taken), at(3, 19))
    del bank.s3.objects[f"{OUTBOUND}{lost}"]
    has_not(bank)
    assert bank.lying == [fetched, lying, lost]
    assert len(bank.taken()) == 19
    assert bank.transmission(DAY).state is SENT


def test_an_uncertain_send_that_is_released_after_its_date_keeps_the_real_one(uncertain):
    stands = has_not(uncertain, NEXT_DAY)
    assert (stands.effective_on, stands.settles_on) == (date(2026, 12, 4), date(2026, 12, 7))
    assert {each.settles_on for each in uncertain.taken().values()} == {stands.settles_on}
    assert uncertain.mails("later") == [ONE, TWO]


# A date that has come.


def test_rule_27_stale_files_go_as_they_are_and_members_are_told_the_real_date(stale):
    stands = has_not(stale, LATE)
    assert (stands.state, stands.effective_on) == (SENT, date(2026, 12, 4))
    assert stands.settles_on == date(2026, 12, 14)
    assert {each.settles_on for each in stale.taken().values()} == {date(2026, 12, 14)}
    assert stale.mails("later") == [ONE, TWO]
    assert stale.mail("later")["now_on"] == "2026-12-14"
    assert (stale.cases(), stale.files) == ({}, [FIRST_FILE])
    assert stale.counts(NAME) == (2, 2, 0, 0, 2 * 42480)
    assert str(stale.system.records.runs.get(NAME).state) == "closed"


def test_rule_17_what_was_moved_is_paid_two_banking_days_after_the_real_date(stale):
    has_not(stale, LATE)
    stale.evening(at(15, 20))
    assert stale.mails("paid") == []
    stale.evening(at(16, 20))
    assert stale.mails("paid") == [ONE, TWO]


def test_on_its_date_in_time_for_the_last_window_nothing_is_moved(stale):
    stands = has_not(stale, at(4, 16, 45))
    assert (stands.moved_to, stale.mails("later")) == (None, [])
    assert {each.settles_on for each in stale.taken().values()} == {date(2026, 12, 4)}


def test_a_second_release_later_moves_it_on(stale):
    stale.system.bank.send = lambda _: _down()
    with pytest.raises(OSError):
        has_not(stale, LATE)
    del stale.system.bank.send
    assert (stale.transmission(DAY).state, stale.transmission(DAY).moved_to) == (
        SENDING,
        date(2026, 12, 14),
    )
    stands = has_not(stale, at(14, 21))
    assert stands.settles_on == date(2026, 12, 15)
    assert stale.mails("later") == [ONE, ONE, TWO, TWO]
    assert stale.cases() == {}


def test_what_the_bank_can_not_have_is_not_taken_for_had(stale):
    before = stale.kept()
    with pytest.raises(NothingToRelease):
        has_it(stale, LATE)
    assert stale.kept() == before


# What is not uncertain.


@pytest.mark.parametrize("state", [s for s in TransmissionState if s is not SENDING])
@pytest.mark.parametrize("release", [has_it, has_not])
def test_what_is_not_uncertain_is_not_released(uncertain, state, release):
    sending = uncertain.transmission(DAY)
    uncertain.system.records.transmissions.change(replace(sending, state=state), sending)
    before, lying = uncertain.kept(), uncertain.lying
    with pytest.raises(NothingToRelease):
        release(uncertain)
    assert (uncertain.kept(), uncertain.lying) == (before, lying)


# At the same moment, and after crashes.


@pytest.mark.parametrize("release", [has_it, has_not])
def test_the_bank_s_word_may_come_in_between(release):
    """Whoever is first: it ends acknowledged, and no plain copy lies there."""
    for n in range(1, 100):
        bank = left_uncertain(Bank())
        seen = Interrupted(bank.store, n, lambda b=bank: b.receive(b.word(FIRST_FILE), THAT_NIGHT))
        other = Bank(bank.store, s3=bank.s3, seen=seen)
        with suppress(NothingToRelease):
            release(other)
        if seen.left > 0:
            assert n > 5
            return
        bank.system.acknowledging.evening(at(4, 20))
        assert str(bank.transmission(DAY).state) == "acknowledged"
        assert bank.lying == []
        assert set(bank.cases()) <= {UNCERTAIN}
    raise AssertionError("it never ended")


@pytest.mark.parametrize(
    ("prepare", "when"),
    [(left_uncertain, THAT_NIGHT), (gone_stale, LATE)],
    ids=["uncertain", "stale"],
)
def test_invariants_2_11_17_after_a_crash_anywhere_a_second_release_ends_the_same(prepare, when):
    def look(bank, again):
        if again.transmission(DAY).state in (TransmissionState.SEALED, SENDING):
            has_not(again, when + timedelta(minutes=1))
        again.fetch(when)
        stands = again.transmission(DAY)
        assert (stands.state, bank.lying, len(again.taken())) == (SENT, [FIRST_FILE], 2)
        assert again.cases() == {}
        moved = prepare is gone_stale
        assert again.mails("later") == ([ONE, TWO] if moved else [])
        assert stands.settles_on == date(2026, 12, 14 if moved else 4)
        assert audit(again)[0][0].startswith("released")

    def act(bank):
        bank.system.releasing.bank_has_not(bank.transmission(DAY), signed(when))

    walked(prepare, act, look, least=5)


def test_invariant_11_after_a_crash_anywhere_what_the_bank_has_is_released_once():
    def look(_bank, again):
        if again.transmission(DAY).state is SENDING:
            has_it(again)
        assert (again.transmission(DAY).state, again.lying, again.cases()) == (SENT, [], {})
        assert len(audit(again)) == 1

    walked(left_uncertain, has_it, look, least=3)
