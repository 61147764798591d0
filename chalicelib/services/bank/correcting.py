"""Notifications of change: the bank corrects an account, in time for the next entry (Nacha).

One row a notification, beside the manifest of its entry's sealing, is its identity. It is put in
the transaction of what follows from it, so one that comes again never undoes a later one (I18).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.ach.changes import Change, Heard, Step, decide
from chalicelib.domain.ach.findings import ChangeEntry
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.entry import Entry
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.payment import BankAccount
from chalicelib.ports import (
    Cases,
    Keep,
    MandateBook,
    Outbox,
    Queue,
    Refused,
    Sealings,
    Vault,
    Write,
)
from chalicelib.services.bank.aftermath import coming_of
from chalicelib.services.bank.origins import Origin
from chalicelib.services.bank.validating import Validating
from chalicelib.services.mandate_letters import about, wake

ACCOUNT, PURPOSE = "account", "changes"
DIGEST_BYTES = 16
TRIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Correcting:
    """What applying a change needs of the world."""

    keep: Keep
    mandates: MandateBook
    sealings: Sealings
    outbox: Outbox
    mail_queue: Queue
    cases: Cases
    vault: Vault
    validating: Validating

    def apply(self, item: ChangeEntry, origin: Origin, at: datetime) -> None:
        """Once: corrects the mandate and tells the member; what is no correction is a case."""
        change = decide(item.code, item.corrected_data)
        heard = self._heard(item, origin.entry, at)
        for _ in range(TRIES):
            if change.step is Step.APPLY:
                writes, mails = self._correction(change, origin, at)
            else:
                writes, mails = [self.cases.opening(_case(change, heard))], []
            try:
                self.keep(self.sealings.hearing(origin.sealing, heard), *writes)
            except Refused:
                if self.sealings.has_heard(origin.sealing, heard):
                    return  # and what came after it stands
                continue
            self.mail_queue.send(*(wake(mail) for mail in mails))
            return
        raise TimeoutError("others change this mandate all the time")

    def _heard(self, item: ChangeEntry, entry: Entry, at: datetime) -> Heard:
        """Names what the bank said by a keyed digest: it may be an account number."""
        said = f"{entry.payment_id}|{item.code}|{item.corrected_data}"
        return Heard(
            payment_id=entry.payment_id,
            code=item.code,
            digest=self.vault.mac(PURPOSE, said)[:DIGEST_BYTES].hex(),
            enrollment_id=entry.enrollment_id,
            heard_at=at,
        )

    def _correction(
        self, change: Change, origin: Origin, at: datetime
    ) -> tuple[list[Write], list[Mail]]:
        mandates = self.mandates.of(origin.entry.enrollment_id)
        here = next((each for each in mandates.standing if origin.drawn.concerns(each)), None)
        if here is None:
            return [self.mandates.standing_so(mandates)], []
        account = self._corrected(here, change)
        if account == here.account:
            return [self.mandates.standing_so(mandates)], []  # corrected before
        corrected = replace(here, account=account, version=here.version + 1)
        standing = tuple(corrected if each is here else each for each in mandates.standing)
        coming = coming_of(self.mandates, mandates.enrollment_id, at)
        changed, what = replace(mandates, standing=standing), f"corrected {change.code}"
        mail = _mail(change, here, corrected, at)
        return [*self.mandates.keeping(changed, (), coming, what), self.outbox.adding(mail)], [mail]

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


def _case(change: Change, heard: Heard) -> Case:
    return Case(
        case=f"change#{heard.name}",
        kind=CaseKind.RETURN,
        enrollment_id=heard.enrollment_id,
        reason=f"{change.code}, {change.meaning}: {change.step}",
        opened_at=heard.heard_at,
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
