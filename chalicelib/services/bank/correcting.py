"""Notifications of change: the bank corrects an account, in time for the next entry (Nacha)."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.ach.changes import Change, Step, decide
from chalicelib.domain.ach.findings import ChangeEntry
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.entry import Entry
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate, coming_month
from chalicelib.domain.payment import BankAccount
from chalicelib.ports import Cases, Keep, MandateBook, Outbox, Queue, Refused, Vault
from chalicelib.services.bank.validating import Validating
from chalicelib.services.mandate_letters import about, wake

ACCOUNT = "account"
TRIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Correcting:
    """What applying a change needs of the world."""

    keep: Keep
    mandates: MandateBook
    outbox: Outbox
    mail_queue: Queue
    cases: Cases
    vault: Vault
    validating: Validating

    def apply(self, item: ChangeEntry, entry: Entry, mandate: Mandate | None, at: datetime) -> None:
        """Corrects the mandate and tells the member; what is no correction is a case."""
        change = decide(item.code, item.corrected_data)
        if change.step is not Step.APPLY:
            self._open_case(change, entry, at)
        elif mandate:  # of a single payment nothing follows: applying it is optional (2024)
            self._correct(change, mandate, at)

    def _correct(self, change: Change, mandate: Mandate, at: datetime) -> None:
        for _ in range(TRIES):
            mandates = self.mandates.of(mandate.enrollment_id)
            here = next((m for m in mandates.standing if m.mandate_id == mandate.mandate_id), None)
            if here is None:
                return
            account = self._corrected(here, change)
            if account == here.account:
                return  # corrected before
            corrected = replace(here, account=account, version=here.version + 1)
            standing = tuple(corrected if each is here else each for each in mandates.standing)
            frozen = self.mandates.is_frozen(month_of(local_day(at)), mandate.enrollment_id)
            mail = _mail(change, here, corrected, at)
            try:
                self.keep(
                    *self.mandates.keeping(
                        replace(mandates, standing=standing),
                        (),
                        coming_month(at, frozen),
                        f"corrected {change.code}",
                    ),
                    self.outbox.adding(mail),
                )
            except Refused:
                continue
            self.mail_queue.send(wake(mail))
            return
        raise TimeoutError("others change this mandate all the time")

    def _corrected(self, mandate: Mandate, change: Change) -> BankAccount:
        """The account with its corrections; an unchanged number keeps its seal."""
        account, wanted = mandate.account, change.correction
        if wanted.account:
            sealed, about = account.sealed_number, mandate.subscriber_id
            if wanted.account.digits != self.vault.open(ACCOUNT, sealed, about):
                number = self.vault.seal(ACCOUNT, wanted.account.digits, about)
                account = replace(
                    account,
                    sealed_number=number,
                    last4=wanted.account.last4,
                    fingerprint=self.validating.fingerprint(about, wanted.account),
                )
        return replace(
            account,
            routing=wanted.routing or account.routing,
            account_type=wanted.account_type or account.account_type,
        )

    def _open_case(self, change: Change, entry: Entry, at: datetime) -> None:
        self.cases.open_case(
            Case(
                case=f"change#{entry.payment_id}#{change.code}",
                kind=CaseKind.RETURN,
                enrollment_id=entry.enrollment_id,
                reason=f"{change.code}, {change.meaning}: {change.step}",
                opened_at=at,
            )
        )


def _mail(change: Change, before: Mandate, after: Mandate, at: datetime) -> Mail:
    return Mail(
        mail_id=f"account_corrected.{after.mandate_id}.{after.version}",
        kind="account_corrected",
        to=after.contact.email,
        phone=after.contact.phone,
        language=after.language,
        enrollment_id=after.enrollment_id,
        facts={
            **about(after),
            "what": change.code,
            "old_last4": before.account.last4,
            "new_last4": after.account.last4,
        },
        created_at=at,
    )
