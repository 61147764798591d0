"""The bank says which files it took: once, thrice, early, late, after returns (issue 4, show 5)."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from chalicelib.domain import entry
from chalicelib.domain.acknowledgement import read
from chalicelib.domain.transmission import TransmissionState
from tests.bank import SEALED, Bank, walked
from tests.builders import a_bank_account
from tests.monthly import at
from tests.stores import with_records

ONE, TWO, THREE = "EN000001", "EN000002", "EN000003"
FIRST_FILE = "1234567890-20261203-1800-A.ach"
DAY = "2026-12-03"
SENT_AT, SAID_AT, NIGHT, PAID_AT = at(3, 18), at(3, 18, 30), at(3, 20), at(8, 20)
SENT, ACKNOWLEDGED = TransmissionState.SENT, TransmissionState.ACKNOWLEDGED


@pytest.fixture(autouse=True)
def _few_web_shards(monkeypatch):
    """A day's page collection in two parts: the rules are the same, and the tests quick."""
    monkeypatch.setattr(entry, "WEB_SHARDS", 2)


@pytest.fixture
def bank():
    """One payment that was sent; the bank has said nothing yet."""
    bank = Bank()
    bank.pays()
    bank.collect(SENT_AT)
    return bank


@pytest.fixture
def many():
    """Nineteen payments in four files."""
    bank = Bank(bank_most_lines=10)
    for n in range(1, 20):
        bank.pays(f"EN{n:06}")
    bank.collect(SENT_AT)
    assert len(bank.files) == 4
    return bank


def hear(bank, *names, when=SAID_AT, **word):
    bank.receive(bank.word(*names, **word), when)


def payment(bank):
    return bank.payment_ids()[0]


def uncertain(bank):
    """Our own job died before it could note that it had sent."""
    sent = bank.transmission(DAY)
    sending = replace(sent, state=TransmissionState.SENDING, sent_at=None)
    bank.system.records.transmissions.change(sending, sent)


# Taken.


def test_a_file_that_the_bank_took_is_acknowledged_and_its_plain_copy_goes(bank):
    bank.answers(SAID_AT)
    transmission = bank.transmission(DAY)
    assert (transmission.state, transmission.acknowledged_at) == (ACKNOWLEDGED, SAID_AT)
    assert (bank.lying, bank.files) == ([], [FIRST_FILE])
    assert f"{SEALED}{FIRST_FILE}" in bank.s3.objects
    assert (bank.cases(), bank.state(payment(bank))) == ({}, "sent")
    assert bank.here.files.objects == {}, "read and erased"


def test_a_transmission_is_acknowledged_when_all_its_files_are(many):
    first, *others = many.files
    hear(many, first)
    assert many.transmission(DAY).state is SENT
    assert many.lying == others
    hear(many, *others[:2])
    assert many.transmission(DAY).state is SENT
    hear(many, others[2])
    assert (many.transmission(DAY).state, many.lying) == (ACKNOWLEDGED, [])


def kept_and_died(bank, name):
    """A worker kept the bank's word about a file, and died before it acted on it."""
    [row] = read(bank.word(name).splitlines(keepends=True)).rows
    bank.system.records.transmissions.acknowledge(row, SAID_AT)
    assert name in bank.lying


def test_rule_33_a_copy_that_a_worker_who_died_left_goes_with_the_last_word(many):
    first, *others = many.files
    kept_and_died(many, first)
    hear(many, *others)
    assert (many.transmission(DAY).state, many.lying) == (ACKNOWLEDGED, [])


def test_rule_33_and_in_the_evening_when_other_words_are_still_awaited(many):
    first, *others = many.files
    kept_and_died(many, first)
    many.system.acknowledging.evening(NIGHT)
    assert (many.transmission(DAY).state, many.lying) == (SENT, others)


def test_rule_33_a_word_that_comes_while_a_file_is_put_out_leaves_no_copy(bank):
    hear(bank)
    transmission, said = bank.transmission(DAY), bank.system.records.transmissions.acknowledged
    late = with_records(
        bank.system.transitions, transmissions=SimpleNamespace(acknowledged=lambda _: {})
    )
    late.send(transmission)
    assert bank.lying == [FIRST_FILE], "so it would be put out again"
    bank.system.bank.erase(FIRST_FILE)
    words = iter([{}, said([FIRST_FILE])])  # before, and after
    late = with_records(late, transmissions=SimpleNamespace(acknowledged=lambda _: next(words)))
    late.send(transmission)
    assert bank.lying == []


def test_the_books_agree_when_the_copy_is_gone(bank, many):
    hear(bank)
    hear(many, many.files[1])
    assert bank.differences(at(3, 21)) == many.differences(at(3, 21)) == []


# The same end, however it comes.


def the_end(bank, back):
    """All that is kept in the end, but for the instants at which the bank spoke."""
    bank.evening(PAID_AT)
    kept = bank.kept()
    rows = kept["transmissions"]
    assert rows["#transmissions", f"collection#{DAY}"]["state"] == "settled"
    for key, row in rows.items():
        instants = ("said_at", "sent_at", "acknowledged_at")
        rows[key] = {name: value for name, value in row.items() if name not in instants}
    assert (bank.lying, bank.state(back)) == ([], "not_paid")
    return kept


def story(*acts):
    """Two pay, one comes back; `acts` are the order in which the bank says so."""
    bank = Bank()
    back, _ = bank.pays(), bank.pays(TWO)
    bank.collect(SENT_AT)
    bank.counter.deliveries(PAID_AT)  # by hand below
    answer = bank.answer((back, "R01"), when=at(8, 8))
    for act in acts:
        act(bank, answer)
    return the_end(bank, back)


def word(bank, _answer, when=SAID_AT):
    hear(bank, when=when)


def back(bank, answer):
    bank.receive(answer, at(8, 8))


def died(bank, _answer):
    uncertain(bank)


IN_ORDER = (word, back)


@pytest.mark.parametrize(
    "acts",
    [
        pytest.param((word, word, word, back), id="thrice"),
        pytest.param((back, word), id="after returns"),
        pytest.param((word, back, word), id="again after returns"),
        pytest.param((died, word, back), id="before our own job has noted that it sent"),
        pytest.param((died, back, word), id="before that, and after returns"),
        pytest.param((back, back, word, back), id="the same return three times"),
    ],
)
def test_invariant_12_however_it_comes_it_is_the_same_end(acts):
    assert story(*acts) == story(*IN_ORDER)


def three(bank):
    """Three payments in one file, and an answer for each."""
    ids = [bank.begins(name) for name in (ONE, TWO, THREE)]
    bank.collect(SENT_AT)
    bank.counter.deliveries(PAID_AT)
    return list(zip(ids, ("R01", "R02", "R08"), strict=True))


def played(act):
    bank = Bank()
    act(bank, three(bank))
    return the_end(bank, bank.payment_ids()[0])


def test_shows_5_thrice_before_the_acknowledgement_and_in_reverse_it_is_the_same_end():
    """Issue 4: the same return file three times, early, and with its lines in reverse."""

    def in_order(bank, answers):
        hear(bank)
        bank.receive(bank.answer(*answers, when=at(8, 8)), at(8, 8))

    def at_once(bank, answers):
        uncertain(bank)
        for each in (answers, answers[::-1], answers):
            bank.receive(bank.answer(*each, when=at(8, 8)), at(8, 8))
        hear(bank, when=at(8, 9))
        bank.receive(bank.answer(*answers[::-1], when=at(8, 8)), at(8, 8))
        hear(bank, when=at(8, 10))

    assert played(at_once) == played(in_order)


def test_a_late_word_makes_it_paid_on_the_evening_it_comes(bank):
    payment_id = payment(bank)
    bank.system.settling.settle(PAID_AT)
    bank.system.settling.settle(at(9, 20))
    assert bank.state(payment_id) == "sent"
    hear(bank, when=at(10, 9))
    bank.evening(at(10, 20))
    assert (bank.state(payment_id), bank.mails("paid")) == ("paid", [ONE])


def test_a_word_repeated_changes_nothing(bank):
    hear(bank)
    before = bank.kept()
    for when in (SAID_AT, at(4, 9), at(9, 9)):
        hear(bank, FIRST_FILE, when=when)
    assert bank.kept() == before


# An uncertain send.


def test_an_uncertain_send_that_the_bank_acknowledges_needs_nobody(bank):
    uncertain(bank)
    run = bank.system.records.runs.get(f"collection#{DAY}")
    bank.store.items["runs"][run.run_id, "#header"]["state"] = "open"
    hear(bank)
    transmission = bank.transmission(DAY)
    assert (transmission.state, transmission.sent_at) == (ACKNOWLEDGED, SAID_AT)
    assert str(bank.system.records.runs.get(run.run_id).state) == "closed"
    bank.system.transmission_job.resume(NIGHT)
    assert bank.cases() == {}


def test_a_send_whose_word_was_kept_by_who_died_then_goes_on_in_the_evening(bank):
    uncertain(bank)
    run = bank.system.records.runs.get(f"collection#{DAY}")
    bank.store.items["runs"][run.run_id, "#header"]["state"] = "open"
    [said] = read(bank.word().splitlines()).rows
    bank.system.records.transmissions.acknowledge(said, SAID_AT)
    bank.system.acknowledging.evening(NIGHT)
    assert bank.transmission(DAY).state is ACKNOWLEDGED
    assert str(bank.system.records.runs.get(run.run_id).state) == "closed"


def test_an_uncertain_send_of_which_the_bank_has_a_part_sends_what_never_left(many):
    uncertain(many)
    hear(many, *many.files[:2])
    files = many.files
    del many.s3.objects[f"outbound/bank/{files[2]}"]
    many.system.transmission_job.resume(NIGHT)
    assert (many.transmission(DAY).state, many.cases()) == (SENT, {})
    assert many.lying == [files[3], files[2]]


def test_an_uncertain_send_of_which_the_bank_has_a_part_still_asks_staff(many):
    uncertain(many)
    hear(many, *many.files[:2])
    many.s3.take_away(f"outbound/bank/{many.files[2]}")
    many.system.transmission_job.resume(NIGHT)
    assert many.transmission(DAY).state is TransmissionState.SENDING
    assert list(many.cases()) == [f"uncertain_send#collection#{DAY}"]


def test_an_uncertain_send_whose_files_are_there_or_taken_is_sent(many):
    uncertain(many)
    hear(many, *many.files[:2])
    many.system.transmission_job.resume(NIGHT)
    assert (many.transmission(DAY).state, many.cases()) == (SENT, {})


# Refused.


def test_a_refused_file_is_a_case_with_the_bank_s_reason_and_never_paid(bank):
    for _ in range(3):
        hear(bank, verdict="refused", reason="file: hash")
    assert bank.cases() == {
        f"refused_file#{FIRST_FILE}": f"{FIRST_FILE}: the bank refused it: file: hash"
    }
    assert bank.here.metrics.counts["FilesRefused"] == 1
    assert str(bank.system.records.cases.open()[0].kind) == "bank"
    bank.system.settling.settle(PAID_AT)
    assert (bank.transmission(DAY).state, bank.mails("paid")) == (SENT, [])
    assert bank.state(payment(bank)) == "sent"
    assert bank.lying == [FIRST_FILE]


@pytest.mark.parametrize("field", ["entries", "debit_cents", "credit_cents"])
def test_other_totals_are_a_case_and_no_acknowledgement(bank, field):
    hear(bank, **{field: 7})
    assert list(bank.cases()) == [f"other_totals#{FIRST_FILE}"]
    assert bank.here.metrics.counts["FilesRefused"] == 1
    assert (bank.transmission(DAY).state, bank.lying) == (SENT, [FIRST_FILE])


def test_one_refused_file_holds_its_transmission(many):
    first, *others = many.files
    hear(many, first, verdict="refused", reason="batch: odfi")
    hear(many, *others)
    many.system.settling.settle(PAID_AT)
    assert (many.transmission(DAY).state, many.lying) == (SENT, [first])


def test_an_unknown_file_is_a_case_and_says_nothing_about_one_that_is_sent_later(bank):
    later = "1234567890-20261204-1800-A.ach"
    hear(bank, later, entries=1, debit_cents=42480, credit_cents=0)
    assert list(bank.cases()) == [f"unknown_file#{later}"]
    assert bank.here.metrics.counts["FilesRefused"] == 1
    bank.pays(TWO, at(4, 10))
    bank.collect(at(4, 18))
    assert bank.system.records.transmissions.acknowledged([later]) == {}
    bank.answers(at(4, 19))
    assert bank.transmission("2026-12-04").state is ACKNOWLEDGED


@pytest.mark.parametrize("verdicts", [("accepted", "refused"), ("refused", "accepted")])
def test_a_second_word_that_contradicts_the_first_changes_nothing_and_rings(bank, verdicts):
    first, second = verdicts
    hear(bank, verdict=first)
    before = bank.transmission(DAY)
    hear(bank, FIRST_FILE, verdict=second)
    assert bank.transmission(DAY) == before
    assert f"said_otherwise#{FIRST_FILE}" in bank.cases()
    assert bank.here.metrics.counts["FilesRefused"] == 2


def test_rule_33_an_account_that_the_bank_names_is_in_no_case(bank):
    hear(bank, verdict="refused", reason="account 0055667788 is closed")
    assert "account … is closed" in bank.cases()[f"refused_file#{FIRST_FILE}"]
    assert "0055667788" not in str(bank.kept())


# What can't be read.


def test_whole_rows_of_a_malformed_file_are_used_and_the_file_is_kept(many):
    good = many.word(*many.files)
    many.receive(good.replace(b",accepted,", b",perhaps,", 1), SAID_AT)
    [(case, reason)] = many.cases().items()
    assert case == "quarantine#1.ach@v1"
    assert "line 2: verdict: is neither accepted nor refused" in reason
    assert list(many.here.files.objects) == ["quarantine/1.ach@v1"]
    assert (many.transmission(DAY).state, many.lying) == (SENT, many.files[:1])


def test_the_news_of_a_file_that_was_read_already_changes_nothing(bank):
    version = bank.here.files.drop("inbound/bank/a.csv", bank.word())
    for _ in range(2):
        bank.system.inbound.receive("inbound/bank/a.csv", version, SAID_AT, SAID_AT)
    assert (bank.transmission(DAY).state, bank.cases()) == (ACKNOWLEDGED, {})
    bank.system.acknowledging.receive("inbound/bank/a.csv", version, SAID_AT)
    assert bank.cases() == {}


def test_only_files_of_returns_count_as_read(bank):
    """Where no such file came for days an alarm rings; acknowledgements have their own."""
    hear(bank, *bank.files)
    assert bank.here.metrics.counts["ReturnFilesRead"] == 0
    bank.receive(bank.answer((payment(bank), "R01"), when=at(4, 8)), at(4, 8))
    assert bank.here.metrics.counts["ReturnFilesRead"] == 1


# No word.


def test_no_word_by_the_evening_rings_once_a_night_and_is_one_case(bank):
    for night in (NIGHT, at(4, 20)):
        bank.system.acknowledging.evening(night)
    [(case, reason)] = bank.cases().items()
    assert case == f"unacknowledged#collection#{DAY}"
    assert FIRST_FILE in reason
    assert bank.here.metrics.counts["FilesNotAcknowledged"] == 2


def test_what_left_this_very_evening_does_not_ring_yet(bank):
    uncertain(bank)
    bank.system.transmission_job.resume(NIGHT)
    bank.system.acknowledging.evening(NIGHT)
    assert (bank.transmission(DAY).state, bank.cases()) == (SENT, {})
    bank.system.acknowledging.evening(at(4, 20))
    assert list(bank.cases()) == [f"unacknowledged#collection#{DAY}"]


def test_only_files_without_any_word_are_missed(many):
    taken, refused, *silent = many.files
    hear(many, taken)
    hear(many, refused, verdict="refused")
    many.system.acknowledging.evening(NIGHT)
    reason = many.cases()[f"unacknowledged#collection#{DAY}"]
    assert [name in reason for name in many.files] == [False, False, True, True]
    assert silent == many.files[2:]


def test_a_day_without_files_is_missed_by_nobody_and_settles():
    bank = Bank()
    bank.collect(SENT_AT)
    bank.evening(NIGHT)
    assert (bank.cases(), bank.transmission(DAY).state) == ({}, SENT)
    bank.evening(PAID_AT)
    assert bank.transmission(DAY).state is TransmissionState.SETTLED


def test_a_day_of_which_all_was_left_out_settles_too():
    bank = Bank()
    bank.pays()
    rows = bank.store.items["entries"]
    key = next(key for key, row in rows.items() if row.get("enrollment_id") == ONE)
    sealed = {"sealed_number": a_bank_account().sealed_number}
    rows[key] = {**rows[key], "account": {**rows[key]["account"], **sealed}}
    bank.collect(SENT_AT)
    bank.evening(PAID_AT)
    assert bank.transmission(DAY).state is TransmissionState.SETTLED


# A bank that does not acknowledge.


def test_where_the_bank_never_acknowledges_what_was_sent_is_paid_in_time():
    bank = Bank(bank_acknowledges=False)
    payment_id = bank.pays()
    bank.collect(SENT_AT)
    bank.system.acknowledging.evening(NIGHT)
    assert bank.cases() == {}
    bank.system.settling.settle(PAID_AT)
    assert bank.state(payment_id) == "paid"
    assert bank.lying == [FIRST_FILE]


def test_where_the_bank_never_acknowledges_one_that_comes_is_heard_all_the_same():
    bank = Bank(bank_acknowledges=False)
    bank.pays()
    bank.collect(SENT_AT)
    bank.system.settling.settle(PAID_AT)
    hear(bank, when=at(9, 9))
    assert (bank.transmission(DAY).state, bank.lying) == (TransmissionState.SETTLED, [])


# Crashes.


def prepare(bank):
    bank.pays()
    bank.pays(TWO)
    bank.collect(SENT_AT)
    uncertain(bank)


def test_invariant_11_after_a_crash_anywhere_the_same_word_again_is_the_same_end():
    def look(_bank, again):
        again.receive(again.word(FIRST_FILE), at(3, 19))
        assert (again.transmission(DAY).state, again.lying, again.cases()) == (ACKNOWLEDGED, [], {})

    walked(prepare, lambda bank: bank.receive(bank.word(FIRST_FILE), SAID_AT), look)


def test_invariant_20_after_a_crash_anywhere_the_evening_goes_on_from_the_word_that_was_kept():
    ends = set()

    def look(_bank, again):
        again.system.acknowledging.evening(NIGHT)
        state = again.transmission(DAY).state
        was_heard = bool(again.system.records.transmissions.acknowledged([FIRST_FILE]))
        assert (state is ACKNOWLEDGED, again.lying == []) == (was_heard, was_heard)
        ends.add(str(state))

    walked(prepare, lambda bank: bank.receive(bank.word(FIRST_FILE), SAID_AT), look)
    assert ends == {"sending", "acknowledged"}


def test_invariant_11_a_refusal_is_never_lost_in_a_crash():
    def refuse(bank, when):
        bank.receive(bank.word(FIRST_FILE, verdict="refused", reason="file: hash"), when)

    def look(_bank, again):
        refuse(again, at(3, 19))
        assert list(again.cases()) == [f"refused_file#{FIRST_FILE}"]
        assert again.transmission(DAY).state is TransmissionState.SENDING

    walked(prepare, lambda bank: refuse(bank, SAID_AT), look, least=5)
