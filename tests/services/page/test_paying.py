"""A member pays: one Submit is one payment, whatever happens on the way (rules 11, 13, 15)."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.domain.banking_days import ReturnWindow
from chalicelib.domain.entry import web_collection
from chalicelib.domain.errors import DomainError
from chalicelib.domain.ledger import LineKind
from chalicelib.domain.paying import Choice, Frequency, Pay
from chalicelib.entrypoints.authorization import letter_facts
from chalicelib.repositories.books import HEADER
from chalicelib.services.page.paying import NotAsShown
from chalicelib.services.page.submission import ClientInfo
from chalicelib.store import Change
from infra.offline.faults import Crash, Kind
from infra.offline.memory_store import MemoryStore
from tests.builders import NOW, a_draft, a_feed_row, a_journey, a_line
from tests.fakes import PlainVault
from tests.monthly import FOREVER
from tests.services.conftest import make
from tests.stores import pending_mails

FROM_HOME = ClientInfo(source_address="192.0.2.7", user_agent="Example/1.0")
CLOSES = datetime(2026, 12, 3, 23, 0, tzinfo=UTC)  # 18:00 in New York
MINUTE = timedelta(minutes=1)
DENTAL_CARE = {"enrollment_id": "EN000002", "billing_account": "700000002"}
TOTAL = Choice(enrollment_id="EN000001", pay=Pay.TOTAL)


def word(shown):
    return (f"I authorize {sum(shown.amounts_cents.values())} cents on {shown.effective_on}.",)


def facts(submission):
    return letter_facts(submission, "en", ReturnWindow(0))


@pytest.fixture
def here():
    made = make()
    enroll(made)
    return made


def enroll(here):
    next_year = {"plan_year": "2027", "coverage_start": "2027-01-01", "billed_through": "2027-01"}
    here.drop(a_feed_row(), a_feed_row(**DENTAL_CARE, **next_year, balance="198.00"))


def begin(here, *choices, now=NOW, journey_id="journey-1"):
    """A journey that is about to be shown its review."""
    draft = a_draft(choices=choices or (TOTAL,))
    journey = a_journey(journey_id=journey_id, draft=draft, started_at=now, seen_at=now)
    here.store.write(here.system.records.journeys.starting(journey))
    return journey


def review(here, journey, now=NOW):
    standings = here.system.finding.standings(journey, now)
    paying = here.system.paying
    return paying.show_review(journey, paying.would_take(journey, standings, now), word, now)


def submit(here, journey, now=NOW):
    standings = here.system.finding.standings(journey, now)
    return here.system.paying.submit(journey, standings, FROM_HOME, facts, now)


def owed(here, enrollment_id="EN000001"):
    return sum(line.amount_cents for line in here.system.records.books.lines(enrollment_id))


def payments(here):
    return [
        line
        for enrollment_id in ("EN000001", "EN000002")
        for line in here.system.records.books.lines(enrollment_id)
        if line.kind is LineKind.PAYMENT
    ]


# Review.


def test_rule_15_review_fixes_amounts_dates_and_words(here):
    journey = review(here, begin(here))
    assert journey.shown.amounts_cents == {"EN000001": 42480}
    assert journey.shown.collected_on == date(2026, 12, 3)
    assert journey.shown.effective_on == date(2026, 12, 4)
    assert journey.shown.authorization == ("I authorize 42480 cents on 2026-12-04.",)
    assert here.system.records.journeys.get("journey-1") == journey


def test_the_numbers_are_made_before_submit_and_stay(here):
    first = review(here, begin(here))
    again = review(here, first, NOW + MINUTE)
    assert first.confirmation.startswith("HC-")
    assert len(first.payment_ids["EN000001"]) == 15
    assert (again.confirmation, again.payment_ids) == (first.confirmation, first.payment_ids)


def test_review_that_shows_the_same_again_writes_nothing(here):
    first = review(here, begin(here))
    assert review(here, first, NOW + MINUTE) == first
    assert here.system.records.journeys.get("journey-1").version == first.version


@pytest.mark.parametrize("grown", [0, 1])
def test_rule_13_monthly_that_grew_above_the_ceiling_after_billing_is_not_submitted(here, grown):
    later = replace(a_draft(choices=(Choice(enrollment_id="EN000001", pay=Pay.OTHER),)))
    journey = a_journey(
        draft=replace(later, frequency=Frequency.MONTHLY), started_at=NOW, seen_at=NOW
    )
    here.store.write(here.system.records.journeys.starting(journey))
    more = a_line(line="adjustment#1", amount_cents=2_000_000 - 42480 + grown)
    here.store.write(here.system.records.books.adding_line(more))
    journey = review(here, journey)
    assert journey.shown.can_be_taken(2_000_000) == (not grown)
    if grown:
        with pytest.raises(NotAsShown):
            submit(here, journey)
    else:
        assert submit(here, journey)
    assert bool(here.system.records.mandates.of("EN000001").standing) == (not grown)


def test_what_changed_is_shown_anew(here):
    first = review(here, begin(here))
    later = review(here, first, CLOSES)
    assert later.shown.collected_on == date(2026, 12, 4)
    assert later.shown.effective_on == date(2026, 12, 7)
    assert later.confirmation == first.confirmation


# Submit.


def test_rule_11_one_submit_is_one_payment_line_and_entry_for_each_enrollment(here):
    both = (TOTAL, Choice(enrollment_id="EN000002", pay=Pay.OTHER, typed_cents=5000))
    journey = review(here, begin(here, *both))
    confirmation = submit(here, journey)
    kept = here.system.records.books.submission(confirmation)
    assert {each.enrollment_id: each.amount_cents for each in kept.payments} == {
        "EN000001": 42480,
        "EN000002": 5000,
    }
    assert (owed(here), owed(here, "EN000002")) == (0, 14800)
    collection = web_collection(date(2026, 12, 3), confirmation)
    header = here.store.get("entries", (collection, HEADER))
    assert (header["count"], header["cents"]) == (2, 47480)


def test_rule_06_a_payment_counts_at_its_submit_instant(here):
    submit(here, review(here, begin(here)), NOW + MINUTE)
    assert [line.at for line in payments(here)] == [NOW + MINUTE]


def test_the_words_that_were_shown_are_the_words_that_are_kept(here):
    journey = review(here, begin(here))
    kept = here.system.records.books.submission(submit(here, journey))
    assert kept.evidence.text == journey.shown.authorization
    assert kept.evidence.source_address == "192.0.2.7"
    assert kept.evidence.agreed_at == NOW


def test_invariant_19_the_letter_is_promised_with_the_payment_and_woken_after_it(here):
    confirmation = submit(here, review(here, begin(here)))
    (mail,) = pending_mails(here.system)
    assert (mail.facts["confirmation"], mail.facts["total_cents"]) == (confirmation, 42480)
    assert mail.to == "maria@example.com"
    assert here.mail_queue.take() == [{"day": "2026-12-03", "mail_id": mail.mail_id}]


def test_the_journey_is_over_with_its_submit(here):
    submit(here, review(here, begin(here)), NOW + MINUTE)
    assert here.system.records.journeys.get("journey-1").submitted_at == NOW + MINUTE


def test_invariant_6_the_same_submit_again_is_the_same_payment(here):
    journey = review(here, begin(here))
    first = submit(here, journey)
    before = here.kept()
    assert submit(here, journey, NOW + MINUTE) == first
    assert submit(here, here.system.records.journeys.get("journey-1"), NOW + MINUTE) == first
    assert submit(here, journey, CLOSES + MINUTE) == first
    assert here.kept() == before


def test_invariant_6_also_when_the_amount_would_be_the_same_again(here):
    choice = Choice(enrollment_id="EN000001", pay=Pay.OTHER, typed_cents=100)
    journey = review(here, begin(here, choice))
    first = submit(here, journey)
    assert submit(here, here.system.records.journeys.get("journey-1"), NOW + MINUTE) == first
    assert len(payments(here)) == 1


def test_rule_15_when_the_collection_has_closed_nothing_is_written_and_the_new_date_is_shown(here):
    journey = review(here, begin(here, now=CLOSES - MINUTE), CLOSES - MINUTE)
    before = here.kept()
    with pytest.raises(NotAsShown):
        submit(here, journey, CLOSES)
    assert here.kept() == before
    again = review(here, journey, CLOSES)
    assert again.shown.effective_on == date(2026, 12, 7)
    submit(here, again, CLOSES)
    assert len(payments(here)) == 1


def test_when_the_sealer_was_quicker_than_the_clock_nothing_is_written(here):
    journey = review(here, begin(here))
    collection = web_collection(date(2026, 12, 3), journey.confirmation)
    here.store.write(Change("entries", (collection, HEADER), set={"state": "closed"}))
    before = here.kept()
    with pytest.raises(NotAsShown):
        submit(here, journey)
    assert here.kept() == before


def test_a_total_that_changed_since_review_is_not_taken(here):
    journey = review(here, begin(here))
    dearer = a_feed_row(billed_through="2026-01", premium="300.00", coverage_end="2026-12-31")
    here.drop(dearer, at=NOW + MINUTE, name="b.csv")
    other = review(here, begin(here, journey_id="journey-2"), NOW + MINUTE)
    submit(here, other, NOW + MINUTE)
    with pytest.raises(NotAsShown):
        submit(here, journey, NOW + MINUTE)
    assert len(payments(here)) == 1


def test_what_was_never_shown_is_not_taken(here):
    with pytest.raises(NotAsShown):
        submit(here, begin(here))
    assert payments(here) == []


def test_rule_13_with_nothing_to_pay_a_submit_is_refused_and_nothing_worse(here):
    """Paid in another tab meanwhile; then Back, and Submit."""
    journey = begin(here)
    submit(here, review(here, begin(here, journey_id="journey-2")))
    with pytest.raises(DomainError):
        submit(here, review(here, journey))


def test_another_tab_that_changed_the_choice_is_not_overruled(here):
    journey = review(here, begin(here))
    smaller = (Choice(enrollment_id="EN000001", pay=Pay.OTHER, typed_cents=100),)
    changed = replace(journey, draft=replace(journey.draft, choices=smaller))
    here.store.write(here.system.records.journeys.changing(changed))
    with pytest.raises(NotAsShown):
        submit(here, journey)
    assert payments(here) == []


def test_an_ids_payment_is_made_once_also_by_another_journey(here):
    """Two journeys can't share an id; if they did, nothing would be taken twice."""
    journey = review(here, begin(here))
    submit(here, journey)
    twin = replace(journey, journey_id="journey-2")
    here.store.write(here.system.records.journeys.starting(twin))
    with pytest.raises(NotAsShown):
        submit(here, twin)
    assert len(payments(here)) == 1


# At the same moment.


def at_once(count, act):
    gate, answers = threading.Barrier(count), []

    def run(n):
        gate.wait()
        answers.append(act(n))

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_invariant_7_64_at_the_same_moment_are_one_payment_with_one_confirmation(here):
    journey = review(here, begin(here))
    answers = at_once(64, lambda _: submit(here, journey))
    assert answers == [journey.confirmation] * 64
    assert len(payments(here)) == 1
    assert len(pending_mails(here.system)) == 1


def test_invariant_7_also_when_each_read_the_journey_for_itself(here):
    review(here, begin(here))
    journeys = here.system.records.journeys
    answers = at_once(64, lambda n: submit(here, journeys.get("journey-1"), NOW + n * MINUTE))
    assert len(answers) == 64
    assert len(set(answers)) == 1
    assert len(payments(here)) == 1


def test_invariant_7_on_the_real_tables(aws):
    here = make(aws.store)
    enroll(here)
    journey = review(here, begin(here))
    answers = at_once(64, lambda _: submit(here, journey))
    assert answers == [journey.confirmation] * 64
    assert len(payments(here)) == 1
    collection = web_collection(date(2026, 12, 3), journey.confirmation)
    assert aws.store.get("entries", (collection, HEADER))["count"] == 1


def test_two_journeys_of_one_member_are_two_intents(here):
    choice = Choice(enrollment_id="EN000001", pay=Pay.OTHER, typed_cents=100)
    journeys = [review(here, begin(here, choice, journey_id=f"journey-{n}")) for n in range(8)]
    answers = at_once(8, lambda n: submit(here, journeys[n]))
    assert len(set(answers)) == 8
    assert owed(here) == 42480 - 800


# A crash.


class Dying(MemoryStore):
    """Its process dies at the next write, before or after it is done."""

    dies = ""

    def write(self, *writes):
        if self.dies == "before":
            raise Crash
        super().write(*writes)
        if self.dies == "after":
            raise Crash


@pytest.mark.parametrize("dies", ["before", "after"])
def test_invariant_11_after_a_crash_the_same_submit_ends_as_one_payment(dies):
    here = make(Dying())
    enroll(here)
    journey = review(here, begin(here))
    here.store.dies = dies
    with pytest.raises(Crash):
        submit(here, journey)
    here.store.dies = ""
    assert submit(here, journey) == journey.confirmation
    assert len(payments(here)) == 1
    assert [mail.kind for mail in pending_mails(here.system)] == ["confirmation"]


def test_invariant_11_when_the_answer_was_lost_the_same_submit_finds_the_payment(aws):
    here = make(aws.store)
    enroll(here)
    journey = review(here, begin(here))
    aws.engine.reset_calls()
    aws.engine.plan_fault(1, Kind.REPLY_LOST, operation="TransactWriteItems")
    with pytest.raises(ReadTimeoutError):
        submit(here, journey)
    assert submit(here, journey) == journey.confirmation
    assert len(payments(here)) == 1


def test_when_the_queue_is_away_the_sweeper_still_finds_the_letter(here, monkeypatch):
    journey = review(here, begin(here))

    def away(*_):
        raise ConnectionError

    monkeypatch.setattr(here.mail_queue, "send", away)
    assert submit(here, journey) == journey.confirmation  # the money is committed all the same
    monkeypatch.undo()
    assert submit(here, journey) == journey.confirmation
    here.system.mailing.sweep(NOW + 10 * MINUTE, lambda: FOREVER)
    assert len(here.mail_queue.take()) == 1
    assert len(payments(here)) == 1


def test_rule_33_the_account_is_nowhere_in_clear(here):
    vault = PlainVault()
    sealed = vault.seal("account", "000123456789", "SUB1")
    journey = begin(here)
    account = replace(journey.draft.account, sealed_number=sealed)
    journey = replace(journey, draft=replace(journey.draft, account=account))
    submit(here, review(here, journey))
    assert "000123456789" not in repr(here.kept())
    assert sealed in repr(here.kept()["payments"])
