"""Months of the real services on one store: the calendar calls, a queue in order works."""

from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.ledger import LineKind
from chalicelib.domain.mail import MailState
from chalicelib.domain.mandate import Mandates
from chalicelib.domain.paying import standing
from chalicelib.domain.payment import AccountNumber
from chalicelib.domain.run import RunKind
from chalicelib.domain.timetable import NEW_YORK
from chalicelib.services.mail.mailing import TryAgain
from chalicelib.store import Remove
from infra.offline import sign_up
from infra.offline.memory_store import MemoryStore
from infra.offline.sign_up import Wish
from tests.builders import a_bank_account, a_contact, a_line, a_mandate, an_enrollment, known
from tests.fakes import ListQueue
from tests.services.conftest import make
from tests.stores import mail_rows

MONTH = "2026-12"
NUMBER = "000123456789"
FOREVER = 10**9
OUR_BANK = {"bank_routing": "231380104", "bank_name": "OUR BANK", "bank_company_id": "1234567890"}
WITHDRAWAL, NOTICE, BILLING = RunKind.WITHDRAWAL, RunKind.NOTICE, RunKind.BILLING


def at(day, hour=9, minute=0, month=MONTH):
    """A New York instant of a month, in UTC."""
    year, number = (int(part) for part in month.split("-"))
    return datetime(year, number, day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


class Exchange:
    """A process in front of a store, and what it keeps there."""

    def __init__(self, store=None, *, seen=None, queue=None, **settings):
        self.store = store if store is not None else MemoryStore()
        self.here = make(seen or self.store, **{"run_shards": 2, **OUR_BANK, **settings})
        self.queue = queue if queue is not None else ListQueue()
        self.system = self.here.system
        self.system.__dict__["work_queue"] = self.queue

    def again(self, seen=None):
        """A fresh process in front of the same store and queue."""
        shards = self.system.settings.run_shards
        again = Exchange(self.store, seen=seen, queue=self.queue, run_shards=shards)
        again.system.__dict__["randomness"] = self.system.randomness  # no number comes twice
        return again

    # --- who there is -----------------------------------------------------------------------------

    def enroll(self, name="EN000001", owed_cents=42480, **facts):
        """An enrollment that owes so much by its opening line."""
        number = {"enrollment_id": name, "subscriber_id": f"S{name}", "billing_account": f"7{name}"}
        enrollment = an_enrollment(**{**number, **facts})
        opening = a_line(enrollment_id=name, amount_cents=owed_cents)
        self.store.write(
            *self.system.records.enrollments.changing(known(enrollment, ssn_index=None), None),
            self.system.records.books.adding_line(opening),
        )
        return enrollment

    def authorize(self, enrollment, **facts):
        """A mandate as Submit leaves it, but that nobody was told anything."""
        name = enrollment.enrollment_id
        mandate = a_mandate(
            **{
                "mandate_id": f"M{name}",
                "enrollment_id": name,
                "subscriber_id": enrollment.subscriber_id,
                "plan": enrollment.plan,
                "plan_year": enrollment.plan_year,
                "account": self.account(enrollment.subscriber_id),
                "contact": a_contact(email=f"{name.lower()}@example.com"),
                "from_month": MONTH,
                **facts,
            }
        )
        self.store.write(
            *self.system.records.mandates.changing(
                Mandates(enrollment_id=name, standing=(mandate,)),
                (),
                "1999-01",
                "set up",
                mandate.created_at,
            )
        )
        return mandate

    def account(self, subscriber_id, **changed):
        """One that opens for this subscriber."""
        sealed = self.system.vault.seal("account", NUMBER, subscriber_id)
        name = self.system.account_validation.fingerprint(subscriber_id, AccountNumber(NUMBER))
        return a_bank_account(**{"sealed_number": sealed, "fingerprint": name, **changed})

    def member(self, name="EN000001", owed_cents=42480, *, mandate=(), **facts):
        """Enrolled, with monthly payments; not yet told."""
        enrollment = self.enroll(name, owed_cents, **facts)
        return self.authorize(enrollment, **dict(mandate))

    def sign_up(self, enrollment, now, **wish):
        """Through journey, review and Submit, as the page does."""
        return sign_up.submit(self.system, enrollment, Wish(**wish), now)

    def standing(self, name, now):
        """What a page shows of an enrollment."""
        enrollment = self.system.records.enrollments.get(name)
        return standing(enrollment, self.system.records.books.lines(name), now)

    # --- what the calendar does -------------------------------------------------------------------

    def start(self, kind, when):
        """The schedule fires."""
        return self.system.running.start(kind, when)

    def work(self, remaining=lambda: FOREVER):
        """Delivers what waits until nothing does; a message goes when it was worked."""
        while self.queue.messages:
            self.deliver(self.queue.messages[0], remaining)
            self.queue.messages.pop(0)

    def deliver(self, message, remaining=lambda: FOREVER):
        """One message of the work queue."""
        when = datetime.fromisoformat(message["at"])
        self.system.running.work(message["run"], message["shard"], when, remaining)

    def run(self, kind, when):
        """A whole run."""
        run = self.start(kind, when)
        self.work()
        return self.system.records.runs.get(run.run_id)

    def tell(self, day=10, month=MONTH):
        """The notices of a day."""
        return self.run(NOTICE, at(day, month=month))

    def withdraw(self, day=22, month=MONTH):
        """The 22nd, or a day to catch up."""
        return self.run(WITHDRAWAL, at(day, month=month))

    def post(self, when):
        """Every promised mail goes out, also those whose waking was lost."""
        mailing, queue = self.system.mailing, self.here.mail_queue
        mailing.sweep(when, lambda: FOREVER)
        for message in queue.take():
            try:
                mailing.send(message["day"], message["mail_id"], when)
            except TryAgain:
                queue.send(message)

    # --- what is there now ------------------------------------------------------------------------

    def decision(self, name="EN000001", month=MONTH):
        """Verdict, cents and reason of a month; None while nobody decided."""
        line = self.system.records.books.line(name, f"withdrawal#{month}")
        return line and (str(line.verdict), -line.amount_cents, line.reason)

    def counts(self, run):
        """Active, claimed, skipped, excluded and cents."""
        found = self.system.running.counts(run)
        return found.active, found.claimed, found.skipped, found.excluded, found.cents

    def announced(self, name="EN000001", month=MONTH):
        """Cents a member was told."""
        announced = self.system.records.mandates.announced(name, month)
        return announced and announced.cents

    def entries(self):
        """Every entry that waits for the bank."""
        rows = self.store.items["entries"].values()
        return sorted((row["enrollment_id"], row["amount_cents"]) for row in rows)

    def mails(self, kind):
        """Enrollments with a promised mail of a kind, each as often as it was promised."""
        rows = mail_rows(self.store)
        return sorted(row["enrollment_id"] for row in rows if row["kind"] == kind)

    def mail(self, kind, name="EN000001"):
        """The facts of the newest mail of a kind."""
        rows = mail_rows(self.store)
        mine = [row for row in rows if (row["kind"], row["enrollment_id"]) == (kind, name)]
        return max(mine, key=lambda row: row["created_at"])["facts"]

    def pending(self):
        """Mails that nobody sent."""
        rows = mail_rows(self.store)
        return [row["mail_id"] for row in rows if row["state"] == MailState.PENDING]

    def cases(self):
        """Open cases by their key."""
        return {case.case_id: case.reason for case in self.system.records.cases.open()}

    def forget(self, table, *key):
        """A row is gone, nobody knows how."""
        self.store._apply(Remove(table, key))  # a store itself removes nothing from the ledger

    def spoil(self, name="EN000001", **changed):
        """Something writes nonsense over a live mandate."""
        key = (str(slot_of(name)), f"live#{name}")
        row = self.store.items["mandates"][key]
        self.store.items["mandates"][key] = {**row, **changed}


def pay(exchange, name, cents, when):
    """A member pays on the page meanwhile."""
    line = replace(
        a_line(enrollment_id=name, kind=LineKind.PAYMENT, amount_cents=-cents, at=when),
        line=f"payment#{name}{when:%d%H%M}",
    )
    exchange.store.write(exchange.system.records.books.adding_line(line))


def charge(exchange, name, cents, when, month="2027-01"):
    """Something more is owed meanwhile."""
    line = a_line(
        enrollment_id=name,
        line=f"charge#{month}",
        kind=LineKind.CHARGE,
        amount_cents=cents,
        at=when,
        month=month,
    )
    exchange.store.write(exchange.system.records.books.adding_line(line))
