"""The largest Submit is one transaction all the same: of at most a hundred writes."""

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.amounts import judged
from chalicelib.domain.banking_days import ReturnWindow
from chalicelib.domain.paying import MOST_MONTHLY_AT_ONCE, Choice, Frequency, Pay
from chalicelib.entrypoints.authorization import letter_facts
from chalicelib.entrypoints.forms.billing import read_amounts
from chalicelib.entrypoints.texts import TEXTS
from chalicelib.store import MOST_CHANGES
from infra.offline import sign_up
from infra.offline.sign_up import Wish
from tests.builders import a_contact, a_standing
from tests.monthly import Exchange, at
from tests.stores import mail_rows, with_records

pytestmark = pytest.mark.all_slots
CEILING = 2_000_000


def plans(exchange, number):
    """Enrollments of one member."""
    return [
        exchange.enroll(f"EN{n:06}", subscriber_id="S", billing_account=f"70000{n:04}")
        for n in range(1, number + 1)
    ]


def submit(exchange, enrollments, email, now):
    """Something now and monthly for all of them, in one journey."""
    system = exchange.system
    journey = sign_up.begun(system, enrollments[0], Wish(), now)
    choices = tuple(
        Choice(enrollment_id=each.enrollment_id, pay=Pay.OTHER, typed_cents=100)
        for each in enrollments
    )
    contact = a_contact(email=email)
    journey = replace(journey, draft=replace(journey.draft, choices=choices, contact=contact))
    system.store.write(system.records.journeys.starting(journey))
    standings = system.finding.standings(journey, now)
    shown = system.paying.would_take(journey, standings, now)
    journey = system.paying.show_review(journey, shown, lambda _: ("I authorize.",), now)
    tells = partial(letter_facts, language="en", window=ReturnWindow(0))
    return system.paying.submit(journey, standings, sign_up.HERE, tells, now)


def test_a_first_payment_names_the_mandate_that_it_sets_up():
    exchange = Exchange()
    submit(exchange, plans(exchange, 2), "maria@example.com", at(3))
    books, mandates = exchange.system.records.books, exchange.system.records.mandates
    for name in ("EN000001", "EN000002"):
        [paid] = [line for line in books.lines(name) if line.payment_id]
        [mandate] = mandates.of(name).standing
        assert books.payment(paid.payment_id).mandate_id == mandate.mandate_id


def sizes(exchange):
    """How many writes each Submit keeps at once, from now on."""
    found, records = [], exchange.system.records

    def counted(*writes, mails=()):
        if any(write.table == "payments" for write in writes):
            found.append(len([*writes, *records.outbox.adding(*mails)]))
        records.commit(*writes, mails=mails)

    exchange.system.__dict__["paying"] = with_records(exchange.system.paying, commit=counted)
    return found


def test_the_most_plans_that_are_set_up_at_once_fit_in_one_transaction():
    exchange = Exchange()
    enrollments, found = plans(exchange, MOST_MONTHLY_AT_ONCE), sizes(exchange)
    submit(exchange, enrollments, "first@example.com", at(3))
    exchange.withdraw(22)
    submit(exchange, enrollments, "second@example.com", at(23))  # for January; December stands
    submit(exchange, enrollments, "third@example.com", at(4, month="2027-01"))  # replaces both
    # Each: a payment of 3 rows, a mandate, its check, line, place, notice, 2 old ones, 2 letters.
    assert max(found) == 15 * MOST_MONTHLY_AT_ONCE + 7
    assert max(found) <= MOST_CHANGES
    assert len(mail_rows(exchange.store)) == 3 + 2 * 2 * MOST_MONTHLY_AT_ONCE + 6  # of the run


@pytest.mark.parametrize("frequency", list(Frequency))
@pytest.mark.parametrize("more", [0, 1])
def test_more_plans_than_that_are_not_set_up_at_once(frequency, more):
    names = [f"EN{n:06}" for n in range(MOST_MONTHLY_AT_ONCE + more + 1)]
    standings = [a_standing(42480, enrollment_id=name) for name in names]
    chosen = {f"pay_{name}": "total" for name in names} | {f"pay_{names[0]}": "none"}
    found = judged(
        read_amounts({**chosen, "frequency": frequency}, standings), standings, CEILING, {}
    )
    refused = more and frequency is Frequency.MONTHLY
    assert found.errors == ({"frequency": "too_many_monthly"} if refused else {})
    assert f"at most {MOST_MONTHLY_AT_ONCE} plans" in TEXTS["too_many_monthly"]
