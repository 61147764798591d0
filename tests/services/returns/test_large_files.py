"""A file of very many returns is applied in chunks, each by a message, and ends as if at once."""

import json
from contextlib import suppress

import pytest

from chalicelib.services.returns import return_files
from tests.bank import Bank
from tests.faults.metered import Metered
from tests.monthly import at
from tests.stores import Crash, Interrupted

NAMES = [f"EN{n:06}" for n in range(1, 8)]
MORNING = at(8, 8)
CODES = ("R01", "R02", "R08", "R01", "R10", "R01", "R01")
KEY = "inbound/bank/many.ach"


@pytest.fixture(autouse=True)
def _chunks_of_three(monkeypatch):
    monkeypatch.setattr(return_files, "AT_ONCE", 3)


def dropped(bank=None, spoil=lambda body: body):
    """Seven answers have arrived; nobody has read them."""
    bank = bank or Bank()
    ids = [bank.begins(name) for name in NAMES]
    bank.collect(at(3, 18))
    body = spoil(bank.answer(*zip(ids, CODES, strict=True), when=MORNING))
    return bank, bank.here.files.drop(KEY, body)


def again(bank, seen=None):
    """A fresh process in front of the same tables, files and queue."""
    other = Bank(bank.store, s3=bank.s3, seen=seen)
    other.follow_ups = bank.follow_ups
    other.system.__dict__.update(files=bank.here.files, bank_queue=bank.follow_ups)
    return other


def arrive(bank, version):
    bank.system.inbound.receive(KEY, version, MORNING, MORNING)


def work(bank):
    """Until the queue is empty."""
    while messages := bank.follow_ups.take():
        bank.follow_up(messages)


def end(bank):
    assert bank.here.files.objects == {}, "rule 33: read and erased"
    assert bank.follow_ups.messages == []
    return bank.kept()


@pytest.fixture(scope="module")
def wanted():
    """The end of it, read in one go."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(return_files, "AT_ONCE", 500)
        bank, version = dropped()
        arrive(bank, version)
        return end(bank)


def test_who_reads_a_large_file_applies_nothing_of_it(wanted):
    bank, version = dropped()
    before = bank.kept()
    arrive(bank, version)
    assert bank.kept() == before
    work(bank)
    assert end(bank) == wanted
    assert {bank.owed(name) for name in NAMES} == {42480}


def test_a_message_says_where_and_nothing_else():
    bank, version = dropped()
    arrive(bank, version)
    seen = []
    while messages := bank.follow_ups.take():
        seen += messages
        bank.follow_up(messages)
    assert [told["start"] for told in seen] == [0, 3, 6]
    for told in seen:
        assert told == {
            "kind": "returns",
            "key": KEY,
            "version": version,
            "start": told["start"],
            "at": MORNING.isoformat(),
        }


def test_the_file_lies_there_until_the_last_of_it_is_applied():
    bank, version = dropped()
    arrive(bank, version)
    for _ in range(2):
        bank.follow_up(bank.follow_ups.take())
        assert list(bank.here.files.objects) == [KEY]
    assert [bank.owed(name) for name in NAMES] == [42480] * 6 + [0]
    bank.follow_up(bank.follow_ups.take())
    assert bank.here.files.objects == {}


def test_a_file_that_fits_one_chunk_is_applied_at_once():
    bank = Bank()
    ids = [bank.pays(name) for name in NAMES[:3]]
    bank.collect(at(3, 18))
    version = bank.here.files.drop(KEY, bank.answer(*((n, "R01") for n in ids), when=MORNING))
    arrive(bank, version)
    assert bank.follow_ups.messages == []
    assert [bank.owed(name) for name in NAMES[:3]] == [42480] * 3
    assert bank.here.files.objects == {}


def test_invariant_12_messages_that_come_twice_and_late_are_the_same_end(wanted):
    bank, version = dropped()
    for _ in range(2):
        arrive(bank, version)
    late = []
    while messages := bank.follow_ups.take():
        late += messages
        bank.follow_up([each for each in messages for _ in range(2)])
    bank.follow_up(late[::-1])
    work(bank)
    arrive(bank, version)
    assert end(bank) == wanted


def test_invariant_11_after_a_crash_between_any_two_calls_again_is_the_same_end(wanted):
    for n in range(1, 400):
        bank, version = dropped()
        seen = Interrupted(bank.store, n)
        first = again(bank, seen)
        with suppress(Crash):
            arrive(first, version)
            while messages := bank.follow_ups.messages[:]:
                first.follow_up(messages)
                del bank.follow_ups.messages[: len(messages)]  # deleted when it was handled
        died = seen.left <= 0
        second = again(bank)
        work(second)
        arrive(second, version)
        work(second)
        if not died:
            assert n > 30
            return
        # The doubled end of a chain may be there: it finds the file gone.
        assert end(bank) == wanted


def test_where_it_dies_before_it_hands_over_the_chunk_is_skipped_at_no_cost(monkeypatch):
    """What was applied is known by a read of the manifests, and one of the returns of each."""
    monkeypatch.setattr(return_files, "AT_ONCE", 500)
    bank, version = dropped()
    body = bank.here.files.body(KEY)
    meter = Metered(bank.store)
    arrive(again(bank, meter), version)
    assert 10 * len(NAMES) < meter.total < 20 * len(NAMES)
    for key, text in ((KEY, body), ("inbound/bank/other.ach", body)):
        version = bank.here.files.drop(key, text)
        meter = Metered(bank.store)
        again(bank, meter).system.inbound.receive(key, version, MORNING, MORNING)
        assert sum(n for (_, table), n in meter.calls.items() if table != "keys") == 2


def test_the_same_money_for_another_account_is_not_taken_for_what_was_applied(monkeypatch):
    monkeypatch.setattr(return_files, "AT_ONCE", 500)
    bank = Bank()
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    for account in ("000123456789     ", "987654321        "):
        body = bank.answer((payment_id, "R01"), when=MORNING, account=account)
        bank.receive(body, MORNING)
    [reason] = bank.cases().values()
    assert "account ending 4321" in reason


def test_what_needs_a_look_is_kept_once_after_all_the_rest():
    bank, version = dropped(spoil=lambda body: body + b"and then some")
    arrive(bank, version)
    while bank.follow_ups.messages:
        assert bank.cases().keys() <= {case for case in bank.cases() if case.startswith("return#")}
        bank.follow_up(bank.follow_ups.take())
    assert list(bank.here.files.objects) == [f"quarantine/many.ach@{version}"]
    assert f"quarantine#many.ach@{version}" in bank.cases()
    assert {bank.owed(name) for name in NAMES} == {42480}


def test_one_that_fails_in_its_chunk_stops_no_other_chunk():
    bank, version = dropped()
    rows = bank.store.items["ledger"]
    key = next(key for key in rows if key[0] == NAMES[1])
    rows[key] = {**rows[key], "amount_cents": "nonsense"}
    arrive(bank, version)
    work(bank)
    assert bank.here.files.objects.keys() == {
        f"quarantine/{case.replace('#', '-').partition('@')[0]}"
        for case in bank.cases()
        if "suspense" in case
    }
    others = [name for name in NAMES if name != NAMES[1]]
    assert {bank.owed(name) for name in others} == {42480}


def test_a_file_of_the_bank_that_is_kept_is_sealed_in_pieces(monkeypatch):
    monkeypatch.setattr("chalicelib.services.quarantine.quarantine.LINES_A_PIECE", 2)
    bank = Bank()
    bank.receive(b"one\ntwo\nthree\nfour\nfive\n", MORNING)
    name, vault = "1.ach", bank.system.vault
    keys = [f"quarantine/{name}@v1{end}" for end in ("", ".2", ".3")]
    assert list(bank.here.files.objects) == keys
    lines = [line for key in keys for line in bank.here.files.body(key).splitlines()]
    opened = [
        vault.open("quarantine", line.decode(), f"{name}#{n}") for n, line in enumerate(lines)
    ]
    assert opened == ["one\n", "two\n", "three\n", "four\n", "five\n"]


def test_rule_33_no_message_holds_what_stands_in_the_file():
    bank, version = dropped()
    arrive(bank, version)
    assert "123456789" not in json.dumps(bank.follow_ups.messages)
