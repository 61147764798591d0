"""What is open, late, lost or never sent; messages that come twice; and three numbers of a run."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.credit import WhyBack
from chalicelib.domain.entry import entry_of
from chalicelib.domain.ledger import LineKind
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.proof import Book, Differs, Findings
from chalicelib.domain.signature import Signature
from chalicelib.domain.transmission import TransmissionState
from chalicelib.services.reconciliation import reconciling
from chalicelib.store import Change, Put
from tests.bank import OUTBOUND, SEALED, Bank
from tests.builders import a_line, a_payment, a_payment_line, a_return_line, an_announcement
from tests.fakes import refusal
from tests.monthly import BILLING, MONTH, at
from tests.stores import Crash, Interrupted

ONE, TWO = "EN000001", "EN000002"
EVENING = at(22, 20)


@pytest.fixture
def bank():
    return Bank()


def found(bank, when=EVENING, since=None):
    """On demand."""
    return facts(bank.system.reconciling.differences(when, since))


def tonight(bank, when=EVENING):
    return facts(bank.prove(when))


def facts(differences):
    """By payment, or by the place that differs."""
    return {(each.payment_id, each.what if each.payment_id else each.name) for each in differences}


def withdrawn(bank, *names):
    """Claimed on the 22nd, and sent at noon."""
    for name in names:
        bank.member(name)
    bank.tell()
    bank.withdraw()
    bank.noon(at(22, 12))
    return [bank.payment_ids(name)[0] for name in names]


def rows_of(bank, table, payment_id):
    rows = bank.store.items[table].items()
    return next((key, row) for key, row in rows if row.get("payment_id") == payment_id)


def change(bank, table, payment_id, **changed):
    key, row = rows_of(bank, table, payment_id)
    bank.store.items[table][key] = {**row, **changed}


# Open, and late.


def test_a_day_that_nobody_collected_is_open_until_its_evening_then_named(bank):
    payment_id = bank.pays()
    late = {(payment_id, Differs.NOT_COLLECTED)}
    assert found(bank, at(3, 19, 59)) == tonight(bank, at(3, 19, 59)) == set()
    assert found(bank, at(3, 20)) == tonight(bank, at(3, 20)) == late
    assert tonight(bank, at(4, 17)) == late
    bank.collect(at(4, 18))
    assert found(bank, at(4, 20)) == tonight(bank, at(4, 20)) == set()


def test_a_payment_of_the_weekend_is_open_until_monday_evening(bank):
    payment_id = bank.pays(when=at(5, 12))
    assert found(bank, at(7, 19)) == tonight(bank, at(7, 19)) == set()
    assert found(bank, at(7, 20)) == {(payment_id, Differs.NOT_COLLECTED)}


def test_a_shard_that_has_not_reported_is_open_until_the_evening_of_the_debit_day(bank):
    bank.member(ONE)
    bank.tell()
    bank.withdraw()
    rows = bank.store.items["runs"]
    for key in [key for key in rows if key[1].startswith("shard#")]:
        rows[key] = {**rows[key], "reported": False}  # a worker died before its last checkpoint
    [payment_id] = bank.payment_ids(ONE)
    assert found(bank, at(22, 19)) == tonight(bank, at(22, 19)) == set()
    late = {(payment_id, Differs.NOT_COLLECTED)}
    assert found(bank, EVENING) == tonight(bank, EVENING) == late


def test_a_claim_that_never_got_its_entry_is_named_in_the_evening_too(bank):
    """The shard has reported one claim, and nothing was sealed of it."""
    bank.member(ONE)
    bank.tell()
    bank.withdraw()
    [payment_id] = bank.payment_ids(ONE)
    bank.forget("entries", *rows_of(bank, "entries", payment_id)[0])
    bank.noon(at(22, 12))
    for said in (found(bank), tonight(bank)):
        assert (payment_id, Differs.ENTRY_GONE) in said
        assert {each[0] for each in said} == {payment_id, None}


def test_what_joined_a_collection_after_it_was_sealed_is_named(bank):
    """Its line and its entry agree, and its collection is taken; but it is in no file."""
    bank.pays()
    bank.collect(at(3, 18))
    late = bank.pays(TWO, at(4, 10))
    key, row = rows_of(bank, "entries", late)
    change(bank, "payments", late, collected_on="2026-12-03")
    collection = row["collection"].replace("2026-12-04", "2026-12-03")
    bank.forget("entries", *key)
    bank.store.write(Put("entries", {**row, "collection": collection}))
    named = {name for name, _ in found(bank, at(4, 17)) if name}
    assert named == {late}
    assert (late, Differs.ENTRY_ALONE) in found(bank, at(4, 17))


def test_a_shard_that_says_one_claim_more_of_the_same_cents_is_named_before_it_is_sealed(bank):
    bank.member(ONE)
    bank.tell()
    bank.withdraw()
    rows = bank.store.items["runs"]
    mine = [key for key in rows if key[0] == f"withdrawal#{MONTH}"]
    key = next(key for key in mine if rows[key].get("counts", {}).get("claimed"))
    counts = rows[key]["counts"]
    rows[key] = {**rows[key], "counts": {**counts, "claimed": counts["claimed"] + 1}}
    what = f"run#{MONTH}#{rows[key]['shard']:03}: {Differs.OTHER_CLAIMS}"
    assert found(bank, at(22, 11)) == tonight(bank, at(22, 11)) == {(None, what)}


def test_an_entry_of_no_money_that_came_after_the_transmission_is_named_by_its_collection(bank):
    withdrawn(bank, ONE)
    [payment_id] = bank.payment_ids(ONE)
    _, row = rows_of(bank, "entries", payment_id)
    late = {"payment_id": "M", "entry": "health#M", "kind": "prenote", "amount_cents": 0}
    bank.store.write(Put("entries", {**row, **late}))
    what = (None, f"{row['collection']}: {Differs.NOT_AS_SEALED}")
    assert what in found(bank)
    assert what in tonight(bank)


# Files.


def test_a_sealed_file_that_is_gone_or_does_not_open_is_one_difference(bank):
    withdrawn(bank, ONE, TWO)
    [name] = bank.files
    text = bank.s3.objects.pop(f"{SEALED}{name}")
    assert found(bank) == tonight(bank) == {(None, f"{name}: {Differs.SEALED_GONE}")}
    bank.s3.objects[f"{SEALED}{name}"] = text[:-9] + b"\xff" + text[-8:]
    assert found(bank) == tonight(bank) == {(None, f"{name}: {Differs.UNREADABLE_FILE}")}


def test_what_was_sealed_and_never_written_is_named_when_no_job_can_be_at_it(bank):
    bank.pays()
    bank.s3.gate = _down
    with pytest.raises(OSError):
        bank.collect(at(3, 18))
    bank.s3.gate = lambda: None
    assert found(bank, at(3, 18, 14)) == set()
    stuck = {(None, f"collection#2026-12-03: {Differs.NO_FILES}")}
    assert found(bank, at(3, 18, 15)) == tonight(bank, at(3, 20)) == stuck


def _down():
    raise OSError


def test_the_copy_for_the_bank_may_be_gone_once_it_is_acknowledged(bank):
    withdrawn(bank, ONE)
    del bank.s3.objects[f"{OUTBOUND}{bank.files[0]}"]
    assert found(bank) != set()
    bank.answers(at(22, 13))
    assert bank.transmission("2026-12-22#noon").state is TransmissionState.ACKNOWLEDGED
    assert found(bank) == tonight(bank) == set()


def test_parts_that_go_on_in_the_next_file_are_walked_once_and_whole():
    bank = Bank(bank_most_lines=10, run_shards=1)
    ids = sorted(withdrawn(bank, *(f"EN{n:06}" for n in range(1, 21))))
    assert len(bank.files) == 4
    assert len(bank.transmission("2026-12-22#noon").batches) == 1
    assert found(bank) == tonight(bank) == set()
    for payment_id in ids[5:8]:  # the last one of the first file, and the first two of the second
        bank.forget("entries", *rows_of(bank, "entries", payment_id)[0])
    for said in (found(bank), tonight(bank)):
        named = {each[0] for each in said if each[0]}
        assert named == set(ids[5:8])
        assert {(payment_id, Differs.FILE_ALONE) for payment_id in ids[5:8]} <= said


def test_a_batch_that_goes_on_in_a_file_that_is_gone_accuses_nobody():
    bank = Bank(bank_most_lines=10, run_shards=1)
    withdrawn(bank, *(f"EN{n:06}" for n in range(1, 21)))
    gone = bank.files[1]
    del bank.s3.objects[f"{SEALED}{gone}"]
    assert found(bank) == tonight(bank) == {(None, f"{gone}: {Differs.SEALED_GONE}")}


# What came back.


@pytest.mark.parametrize("which", ["page", "run"])
def test_a_return_of_another_amount_is_named_by_day_and_by_night(bank, which):
    if which == "page":
        payment_id = bank.pays()
        bank.collect(at(3, 18))
    else:
        [payment_id] = withdrawn(bank, ONE)
    bank.receive(bank.answer((payment_id, "R02"), when=at(24, 8)), at(24, 8))
    assert found(bank, at(24, 20)) == set()
    key = (ONE, f"return#{payment_id}")
    bank.store.items["ledger"][key] = {**bank.store.items["ledger"][key], "amount_cents": 42479}
    named = {(payment_id, Differs.BACK_AMOUNT)}
    assert found(bank, at(24, 20)) == tonight(bank, at(24, 20)) == named


def test_a_return_of_what_nobody_claimed_or_sent_is_named(bank):
    payment_id = bank.pays()
    back = a_return_line(42480, payment_id, at=at(3, 12))
    bank.store.write(bank.system.records.books.adding_line(back))
    assert found(bank, at(3, 13)) == {(payment_id, Differs.BACK_UNSENT)}
    strange = a_return_line(1, "2222222222", at=at(3, 12))
    bank.store.write(bank.system.records.books.adding_line(strange))
    assert ("2222222222", Differs.BACK_UNASKED) in found(bank, at(3, 13))


# Credits, and what moves no money.


def another(bank, kind, cents, line_cents=None):
    """An entry of this kind joins the evening of the 3rd, with a ledger line or without."""
    enrollment = bank.enroll(ONE)
    account = bank.account(enrollment.subscriber_id)
    payment = a_payment(
        kind=kind, amount_cents=cents, subscriber_id=enrollment.subscriber_id, account=account
    )
    books = bank.system.records.books
    writes = [books.adding_payment(payment), *books.joining(entry_of(payment))]
    if line_cents is not None:
        line = a_payment_line(-line_cents, payment.payment_id, at=at(3, 12))
        line = replace(line, collection=entry_of(payment).collection)
        writes.append(books.adding_line(line))
    bank.store.write(*writes)
    bank.collect(at(3, 18))
    return payment.payment_id


@pytest.mark.parametrize("kind", [EntryKind.REFUND, EntryKind.REVERSAL])
def test_a_credit_has_a_positive_line_of_the_same_cents(bank, kind):
    paid = bank.pays(cents=42480)
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    why = WhyBack.MISTAKE if kind is EntryKind.REFUND else WhyBack.DUPLICATE
    people = [Signature(who=who, why="twice", at=at(9, 10)) for who in ("Ada", "Grace")]
    crediting, name = bank.system.crediting, bank.system.records.books.payment(paid).enrollment_id
    credit_id = crediting.propose(kind, why, name, paid, None, people[0]).credit_id
    for each in people:
        crediting.release(credit_id, each)
    bank.collect(at(9, 18))
    assert found(bank, at(9, 20)) == tonight(bank, at(9, 20)) == set()
    change(bank, "ledger", credit_id, amount_cents=-42480)
    wrong = {(credit_id, Differs.OTHER_AMOUNT)}
    assert found(bank, at(9, 20)) == tonight(bank, at(9, 20)) == wrong


def test_a_retry_is_a_debit_like_any_other(bank):
    payment_id = another(bank, EntryKind.RETRY, 500, -500)
    assert found(bank, at(3, 20)) == tonight(bank, at(3, 20)) == set()
    change(bank, "ledger", payment_id, amount_cents=500)
    assert (payment_id, Differs.OTHER_AMOUNT) in tonight(bank, at(3, 20))


def test_a_prenote_has_no_line_and_moves_nothing(bank):
    payment_id = another(bank, EntryKind.PRENOTE, 0)
    assert found(bank, at(3, 20)) == tonight(bank, at(3, 20)) == set()
    change(bank, "entries", payment_id, amount_cents=1)
    assert (payment_id, Differs.OTHER_AMOUNT) in tonight(bank, at(3, 20))


# What billing and notices reported.


BILLED, ANNOUNCED = "billing#2026-12", "notice#2026-12-10"


def reported(bank):
    """Three were billed and told; since then one agreed to another amount, one mail failed."""
    for name in (ONE, TWO, "EN000003"):
        bank.member(name, owed_cents=0, plan_year=2027, billed_through="2026-12")
    bank.run(BILLING, at(1, 6))
    bank.here.mailer.failures = [refusal()]
    bank.tell()
    bank.post(at(10, 10))
    again = an_announcement(1, enrollment_id=TWO, announced_at=at(10, 12), how="authorization")
    bank.store.write(bank.system.records.mandates.announcing(again))
    bank.store.write(bank.system.records.books.adding_line(a_line(enrollment_id=TWO, line="other")))


def miscount(bank, run, **wrong):
    """A shard that did something says otherwise; which one it is."""
    rows = bank.store.items["runs"]
    key = next(k for k in rows if k[0] == run and rows[k].get("counts", {}).get("claimed"))
    counts = rows[key]["counts"]
    changed = {name: counts[name] + more for name, more in wrong.items()}
    rows[key] = {**rows[key], "counts": {**counts, **changed}}
    return f"{run}#{rows[key]['shard']:03}"


def test_what_billing_and_notices_reported_stands_whatever_was_told_since(bank):
    reported(bank)
    assert bank.counts(BILLED) == (3, 3, 0, 0, 3 * 21240)
    assert bank.counts(ANNOUNCED) == (3, 3, 0, 0, 3 * 21240)
    assert bank.announced(TWO) == 1
    assert any(case.startswith("mail_failed#notice") for case in bank.cases())
    assert found(bank, at(10, 20)) == tonight(bank, at(10, 20)) == set()


@pytest.mark.parametrize(("run", "day"), [(BILLED, 1), (ANNOUNCED, 10)])
@pytest.mark.parametrize("wrong", [{"claimed": 1}, {"cents": -1}])
def test_invariant_14_a_wrong_count_of_billing_or_notices_is_a_case_that_evening(
    bank, run, day, wrong
):
    reported(bank)
    where = miscount(bank, run, **wrong)
    other = {(None, f"{where}: {Differs.OTHER_REPORT}")}
    assert found(bank, at(day, 20)) == tonight(bank, at(day, 20)) == other
    assert f"difference#{where}: {Differs.OTHER_REPORT}" in bank.cases()


@pytest.mark.parametrize(
    ("state", "day", "is_named"),
    [("closed", 11, True), ("closed", 12, False), ("open", 12, True), ("open", 21, False)],
)
def test_a_report_is_proved_on_two_evenings_and_while_its_run_goes_on(bank, state, day, is_named):
    reported(bank)
    miscount(bank, ANNOUNCED, claimed=1)
    bank.store.write(Change("runs", (ANNOUNCED, "#header"), set={"state": state}))
    assert bool(tonight(bank, at(day, 20))) is is_named
    assert found(bank, at(day, 20)), "on demand it is named for ever"


def test_a_shard_that_goes_on_has_reported_nothing_yet(bank):
    reported(bank)
    miscount(bank, ANNOUNCED, claimed=1)
    rows = bank.store.items["runs"]
    for key in [key for key in rows if key[1].startswith("shard#")]:
        rows[key] = {**rows[key], "reported": False}
    assert tonight(bank, at(10, 20)) == set()


# The evening is spread.


def test_the_evening_sends_a_message_for_each_file_and_each_collection(bank):
    withdrawn(bank, ONE, TWO)
    bank.pays("EN000003", at(22, 13))
    bank.collect(at(22, 18))
    assert bank.system.reconciling.reconcile(EVENING) == []
    sent = bank.follow_ups.take()
    files = [
        (each["transmission_id"], each["file"]) for each in sent if each["kind"] == "prove_file"
    ]
    assert files == [("collection#2026-12-22#noon", 0), ("collection#2026-12-22", 0)]
    taken = {each["collection"]: each["transmission_id"] for each in sent if "collection" in each}
    collections = {
        batch.collection
        for each in bank.system.records.transmissions.all()
        for batch in each.batches
    }
    assert taken.keys() == collections
    assert set(taken.values()) == {"collection#2026-12-22#noon", "collection#2026-12-22"}


def test_what_is_settled_for_ten_days_is_proved_no_more(bank):
    bank.pays()
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    for day, messages in ((8, 2), (18, 2), (19, 0)):
        bank.system.reconciling.reconcile(at(day, 20))
        assert len(bank.follow_ups.take()) == messages, day


def test_a_message_that_comes_twice_says_the_same_and_opens_one_case(bank):
    [payment_id] = withdrawn(bank, ONE)
    bank.forget("ledger", *rows_of(bank, "ledger", payment_id)[0])
    bank.system.reconciling.reconcile(EVENING)
    messages = bank.follow_ups.take()
    first, second = bank.follow_up(messages), bank.follow_up(messages)
    assert facts(first) == facts(second) == {(payment_id, Differs.NOT_ASKED_FOR)}
    [(case, reason)] = bank.cases().items()
    assert case == f"difference#{payment_id}"
    assert Differs.NOT_ASKED_FOR in reason


def test_invariant_11_a_proof_that_dies_anywhere_says_all_when_it_comes_again():
    for n in range(1, 200):
        bank = Bank()
        ids = withdrawn(bank, ONE, TWO)
        for payment_id in ids:
            bank.forget("ledger", *rows_of(bank, "ledger", payment_id)[0])
        bank.system.reconciling.reconcile(EVENING)
        messages = bank.follow_ups.take()
        dying = Bank(bank.store, s3=bank.s3, seen=Interrupted(bank.store, n))
        try:
            dying.follow_up(messages)
        except Crash:
            Bank(bank.store, s3=bank.s3).follow_up(messages)
            assert bank.cases().keys() == {f"difference#{payment_id}" for payment_id in ids}
        else:
            assert n > 5
            return
    raise AssertionError


def test_a_case_names_enrollment_place_and_both_amounts(bank):
    [payment_id] = withdrawn(bank, ONE)
    change(bank, "ledger", payment_id, amount_cents=-100)
    bank.prove(EVENING)
    [case] = bank.system.records.cases.open()
    assert (case.kind, case.enrollment_id) == ("bank", ONE)
    assert case.reason.startswith(f"run#{MONTH}#")
    assert case.reason.endswith("(expected $1.00, found $424.80)")


def test_what_is_wrong_with_very_many_is_not_a_case_each(bank, monkeypatch):
    monkeypatch.setattr(reconciling, "MOST_CASES", 3)
    names = [f"EN{n:06}" for n in range(1, 11)]
    bank = Bank(run_shards=1)
    for payment_id in withdrawn(bank, *names):
        bank.forget("ledger", *rows_of(bank, "ledger", payment_id)[0])
    assert len(tonight(bank)) == 10
    assert bank.here.metrics.counts["Differences"] == 10
    cases = bank.cases()
    assert len(cases) == 4
    assert "10 differences" in cases[f"difference#run#{MONTH}#000"]


def test_invariant_15_a_row_that_can_not_be_read_keeps_nothing_else_from_being_proved(bank):
    page = bank.pays("EN000003")
    bank.collect(at(3, 18))
    [payment_id] = withdrawn(bank, ONE)
    key, row = rows_of(bank, "entries", payment_id)
    bank.store.items["entries"][key] = {**row, "plan": "vision"}
    bank.forget("ledger", *rows_of(bank, "ledger", page)[0])
    for said in (found(bank), tonight(bank)):
        assert (page, Differs.NOT_ASKED_FOR) in said
        unreadable = {what for name, what in said if name is None}
        assert f"{row['collection']}: {Differs.UNREADABLE_ROW}" in unreadable


def test_messages_about_a_transmission_that_is_gone_say_nothing_themselves(bank):
    withdrawn(bank, ONE)
    bank.forget("transmissions", "#transmissions", "collection#2026-12-22#noon")
    assert bank.system.reconciling.prove_file("collection#2026-12-22#noon", 0, EVENING) == []
    collections = ((f"run#{MONTH}#000", None), (f"run#{MONTH}#000", "collection#2026-12-22#noon"))
    for asked in collections:
        assert bank.system.reconciling.prove_collection(*asked, EVENING) == []
    assert tonight(bank) == {(None, f"collection#2026-12-22#noon: {Differs.MANIFEST_GONE}")}


# Three numbers.


def three(bank, when=EVENING):
    """Of the run, as on demand everything says them."""
    snapshot, findings = bank.system.reconciling.snapshots.take(when, None), Findings()
    for steps in bank.system.reconciling.steps(snapshot).values():
        for step in steps:
            list(findings.take(step()))
    return findings.totals, findings.totals.of_run(f"withdrawal#{MONTH}")


def test_run_files_and_ledger_are_one_number_before_and_after_the_files(bank):
    for name in (ONE, TWO):
        bank.member(name)
    bank.tell()
    bank.withdraw()
    totals, numbers = three(bank, at(22, 11))
    assert numbers == (84960, 84960, 84960)
    assert totals.says(f"withdrawal#{MONTH}", Book.OPEN) == 84960
    bank.noon(at(22, 12))
    totals, numbers = three(bank)
    assert numbers == (84960, 84960, 84960)
    assert totals.says(f"withdrawal#{MONTH}", Book.OPEN) == 0
    noon = "collection#2026-12-22#noon"
    assert totals.says(noon, Book.FILES) == totals.says(noon, Book.SEALED) == 84960
    assert (totals.files, totals.entries, totals.debit_cents) == (1, 2, 84960)


def test_what_no_bank_would_take_stands_beside_the_files(bank):
    bank.member(ONE)
    bank.member(TWO)
    bank.tell()
    bank.withdraw()
    [payment_id] = bank.payment_ids(ONE)
    _, row = rows_of(bank, "entries", payment_id)
    change(bank, "entries", payment_id, account={**row["account"], "sealed_number": "v1.1.no"})
    bank.noon(at(22, 12))
    assert found(bank) == tonight(bank) == {(payment_id, Differs.LEFT_OUT)}
    totals, numbers = three(bank)
    assert numbers == (84960, 84960, 84960)
    assert totals.says(f"withdrawal#{MONTH}", Book.LEFT_OUT) == 42480


def test_a_claim_whose_enrollment_is_gone_is_named_in_the_evening_and_missed_in_the_sums(bank):
    """No slot leads to its ledger any more."""
    [gone, _] = withdrawn(bank, ONE, TWO)
    key = next(key for key in bank.store.items["enrollments"] if key[1] == ONE)
    bank.forget("enrollments", *key)
    assert tonight(bank) == {(gone, Differs.ENROLLMENT_GONE)}
    assert found(bank) == {(None, f"withdrawal#{MONTH}: {Differs.OTHER_SUMS}")}


def test_returns_and_open_claims_are_counted(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    bank.pays(TWO, at(4, 10), cents=100)
    bank.receive(bank.answer((payment_id, "R01"), when=at(4, 11)), at(4, 11))
    totals, _ = three(bank, at(4, 12))
    assert (totals.returns, totals.returned_cents) == (1, 42480)
    assert (totals.open_claims, totals.open_cents) == (1, 100)


def test_since_a_day_the_ledger_lines_from_then_on_are_read(bank):
    old = bank.pays()
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    new = bank.pays(TWO, at(14, 10))
    bank.collect(at(14, 18))
    for payment_id in (old, new):
        bank.forget("entries", *rows_of(bank, "entries", payment_id)[0])
    since = date(2026, 12, 12)
    assert {each[0] for each in found(bank, at(14, 20), since) if each[0]} == {new}
    assert {each[0] for each in found(bank, at(14, 20)) if each[0]} == {old, new}


def test_a_line_that_is_no_claim_needs_no_entry(bank):
    bank.enroll(ONE)
    bank.store.write(bank.system.records.books.adding_line(a_line(line="charge#2026-12")))
    assert found(bank) == set()


def test_a_return_that_the_bank_did_not_say_is_named(bank):
    [payment_id] = withdrawn(bank, ONE)
    line = bank.system.records.books.line(ONE, "withdrawal#2026-12")
    back = replace(
        line,
        line=f"return#{payment_id}",
        kind=LineKind.RETURN,
        amount_cents=-line.amount_cents,
        collection=None,
        reason="R01",
    )
    bank.store.write(bank.system.records.books.adding_line(back))
    assert found(bank) == tonight(bank) == {(payment_id, Differs.BACK_UNSAID)}


def test_a_return_that_the_ledger_lost_is_named(bank):
    [payment_id] = withdrawn(bank, ONE)
    bank.receive(bank.answer((payment_id, "R01"), when=at(24, 8)), at(24, 8))
    assert found(bank, at(24, 20)) == set()
    bank.forget("ledger", ONE, f"return#{payment_id}")
    assert found(bank, at(24, 20)) == {(payment_id, Differs.BACK_UNPOSTED)}
    assert tonight(bank, at(24, 20)) == {(payment_id, Differs.BACK_UNPOSTED)}
