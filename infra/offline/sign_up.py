"""Members pay, once or monthly, without a browser: through the services that the page calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.bootstrap import System
from chalicelib.domain.draft import Draft
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.journey import Journey, Shown
from chalicelib.domain.paying import Choice, Frequency, Pay
from chalicelib.domain.payment import AccountNumber, AccountType, BankAccount, Contact, Submission
from chalicelib.domain.purposes import ACCOUNT
from chalicelib.entrypoints.authorization import authorization_text, letter_facts
from chalicelib.services.page.submission import ClientInfo

HERE = ClientInfo(source_address="192.0.2.1", user_agent="infra.offline")
NUMBER = "000123456789"
ROUTING = "231380104"
PHONE = "+16175550123"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a member would choose on the billing page."""

    frequency: Frequency = Frequency.MONTHLY
    pay: Pay = Pay.OTHER
    cents: int = 0  # now, with Pay.OTHER
    number: str = NUMBER
    carries_over: bool = False
    sealed_about: str | None = None  # another's: then the account can't be opened (I15)


def address_of(enrollment: Enrollment) -> str:
    """An e-mail address of its own for each enrollment, so that its mails can be told apart."""
    return f"{enrollment.enrollment_id.lower()}@example.com"


def submit(system: System, enrollment: Enrollment, wish: Wish, now: datetime) -> str | None:
    """Walks one member from the match to Submit; answers the mandate's id, where one was made."""
    journey = begun(system, enrollment, wish, now)
    system.store.write(system.records.journeys.starting(journey))
    standings = system.finding.standings(journey, now)

    def text(shown: Shown) -> tuple[str, ...]:
        return authorization_text(journey, standings, shown)

    def facts(submission: Submission) -> Mapping[str, Any]:
        return letter_facts(submission, journey.language, system.settings.return_window)

    shown = system.paying.would_take(journey, standings, now)
    journey = system.paying.show_review(journey, shown, text, now)
    system.paying.submit(journey, standings, HERE, facts, now)
    return journey.mandate_ids.get(enrollment.enrollment_id)


def begun(system: System, enrollment: Enrollment, wish: Wish, now: datetime) -> Journey:
    """A journey as /billing leaves it."""
    name = f"{enrollment.first_name} {enrollment.last_name}"
    subscriber_id = enrollment.subscriber_id
    chosen = Choice(enrollment_id=enrollment.enrollment_id, pay=wish.pay, typed_cents=wish.cents)
    account = BankAccount(
        account_type=AccountType.CHECKING,
        holder_name=name,
        routing=ROUTING,
        last4=wish.number[-4:],
        sealed_number=system.vault.seal(ACCOUNT, wish.number, wish.sealed_about or subscriber_id),
        fingerprint=system.account_validation.fingerprint(
            subscriber_id, AccountNumber(wish.number)
        ),
    )
    return Journey(
        journey_id=system.randomness.token(),
        plan=enrollment.plan,
        subscriber_id=subscriber_id,
        started_at=now,
        seen_at=now,
        draft=Draft(
            member_name=name,
            contact=Contact(email=address_of(enrollment), phone=PHONE),
            choices=(chosen,),
            frequency=wish.frequency,
            carries_over=wish.carries_over,
            account=account,
        ),
    )
