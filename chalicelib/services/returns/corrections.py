"""Notifications of change: the bank corrects an account, in time for the next entry (Nacha).

One row a notification, beside the manifest of its entry's transmission, is its identity. It is put
in the transaction of what follows from it, so one that comes again never undoes a later one (I18).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.ach.changes import (
    ChangeAction,
    Correction,
    Heard,
    NotificationOfChange,
    decide,
)
from chalicelib.domain.ach.findings import ChangeEntry
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.debited_account import after_correction
from chalicelib.domain.entry import Entry
from chalicelib.domain.errors import DomainError
from chalicelib.domain.identities import case_id, corrected_letter, heard_letter
from chalicelib.domain.letter_facts import about
from chalicelib.domain.letters import AccountCorrectedLetter
from chalicelib.domain.mail import Mail
from chalicelib.domain.mandate import Mandate, Mandates, Past
from chalicelib.domain.payment import BankAccount
from chalicelib.domain.purposes import ACCOUNT, CHANGES
from chalicelib.ports import Vault
from chalicelib.repositories.records import Records
from chalicelib.services.accounts.validation import AccountValidation
from chalicelib.services.mail.mandate_mails import mandate_mail
from chalicelib.services.mail.payers import payment_mail
from chalicelib.services.monthly.months import Months
from chalicelib.services.quarantine.quarantine import Quarantine
from chalicelib.services.returns.original_entries import OriginalEntry
from chalicelib.store import ConditionFailed, Write

DIGEST_BYTES = 16
WHY_NOT = {
    "new_account_refused": "the bank has refused the new account before: ask them",
    "corrected_since": "the bank has corrected it for a later entry since: ask them",
}


class CannotCorrect(DomainError):
    """Nothing is corrected: `code` says why. `unless_changed` holds only while that is so."""

    def __init__(self, code: str = "asks_staff", unless_changed: Sequence[Write] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.unless_changed = unless_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """What applying a change needs of the world."""

    records: Records
    vault: Vault
    months: Months
    account_validation: AccountValidation
    quarantine: Quarantine

    def apply(self, item: ChangeEntry, original: OriginalEntry, at: datetime, *also: Write) -> None:
        """Once: corrects what is debited there, and tells the member; all else is a case.

        What waits for staff is put away, sealed. `also` is written in the same transaction.
        """
        change = decide(item.code, item.corrected_data)
        heard = self._heard(item, original.entry, at, item.corrected_data)

        def attempt() -> None:
            mails = list[Mail]()
            try:
                if change.step is not ChangeAction.APPLY:
                    raise CannotCorrect
                writes, mails = self._correction(change, heard, original, at)
            except CannotCorrect as refusal:
                self.quarantine.put_away_item(f"change-{heard.digest}", item)
                case = _case(change, heard, WHY_NOT.get(refusal.code))
                writes = [*refusal.unless_changed, self.records.cases.opening(case)]
            self._commit(original, heard, *writes, *also, mails=mails)

        self.records.commit_or_retry(attempt)

    def apply_typed(
        self,
        item: ChangeEntry,
        original: OriginalEntry,
        typed: Correction,
        at: datetime,
        *also: Write,
    ) -> None:
        """The same with what staff have from the bank (rule 52). Raises CannotCorrect."""
        change = replace(
            decide(item.code, item.corrected_data), step=ChangeAction.APPLY, correction=typed
        )
        number = typed.account.digits if typed.account else ""
        said = f"{number}|{typed.routing}|{typed.account_type}"
        heard = self._heard(item, original.entry, at, said)

        def attempt() -> None:
            writes, mails = self._correction(change, heard, original, at)
            self._commit(original, heard, *writes, *also, mails=mails)

        self.records.commit_or_retry(attempt)

    def _commit(
        self, original: OriginalEntry, heard: Heard, *writes: Write, mails: list[Mail]
    ) -> None:
        hears = self.records.transmissions.hearing(original.transmission, heard)
        try:
            self.records.commit(hears, *writes, mails=mails)
        except ConditionFailed:
            if not self.records.transmissions.has_heard(original.transmission, heard):
                raise
            # It was heard before, and what came after it stands.

    def _heard(self, item: ChangeEntry, entry: Entry, at: datetime, data: str) -> Heard:
        """Names what the bank said by a keyed digest: it may be an account number."""
        said = f"{entry.payment_id}|{item.code}|{data}"
        return Heard(
            payment_id=entry.payment_id,
            code=item.code,
            digest=self.vault.mac(CHANGES, said)[:DIGEST_BYTES].hex(),
            enrollment_id=entry.enrollment_id,
            heard_at=at,
        )

    def _correction(
        self, change: NotificationOfChange, heard: Heard, original: OriginalEntry, at: datetime
    ) -> tuple[list[Write], list[Mail]]:
        """Raises CannotCorrect."""
        name, debited = heard.enrollment_id, original.debited_account
        mandates, past = self.records.mandates.of(name), self.records.mandates.past(name)
        coming = self.months.coming(name, at)
        after = after_correction(
            mandates,
            past,
            debited,
            lambda each: self._corrected(each.account, each.subscriber_id, change),
            coming,
        )
        changed = _changed(mandates, past, after) if after else []
        new = {each.account for _, each in changed}
        goes_on = mandates.lasting(coming)
        next_time = goes_on is None or not debited.concerns(goes_on)
        if next_time:
            entry = original.entry
            new |= {self._corrected(entry.account, entry.subscriber_id, change)}
        writes = [self.records.mandates.standing_so(mandates)]
        if any(map(self.account_validation.is_refused, new)):
            raise CannotCorrect("new_account_refused", writes)
        if any(debited.is_outdated_by(before) for before, _ in changed):
            raise CannotCorrect("corrected_since", writes)
        if after:
            writes = self.records.mandates.changing(*after, coming, f"corrected {change.code}", at)
        mails = []
        if next_time:
            mails = next_time_mails(change, heard, original)
        elif after and goes_on and (corrected := after[0].lasting(coming)) and corrected != goes_on:
            mails = [corrected_mail(change, goes_on, corrected, at)]
        writes += self.account_validation.unless_refused(*new)
        return writes, mails

    def _corrected(
        self, account: BankAccount, about: str, change: NotificationOfChange
    ) -> BankAccount:
        """The account with its corrections; an unchanged number keeps its seal."""
        wanted = change.correction
        if wanted.account:
            sealed = account.sealed_number
            if wanted.account.digits != self.vault.open(ACCOUNT, sealed, about):
                number = self.vault.seal(ACCOUNT, wanted.account.digits, about)
                account = replace(
                    account,
                    sealed_number=number,
                    last4=wanted.account.last4,
                    fingerprint=self.account_validation.fingerprint(about, wanted.account),
                )
        return replace(
            account,
            routing=wanted.routing or account.routing,
            account_type=wanted.account_type or account.account_type,
        )


def _changed(
    mandates: Mandates, past: Iterable[Mandate], after: tuple[Mandates, Past]
) -> list[tuple[Mandate, Mandate]]:
    """Each mandate whose account is corrected: before, and after."""
    before = {each.mandate_id: each for each in (*past, *mandates.standing)}
    pairs = [(before[each.mandate_id], each) for each in (*after[0].standing, *after[1])]
    return [(was, now) for was, now in pairs if now.account != was.account]


def _case(change: NotificationOfChange, heard: Heard, what: str | None = None) -> Case:
    return Case(
        case_id=case_id("change", heard.name),
        kind=CaseKind.RETURN,
        enrollment_id=heard.enrollment_id,
        reason=f"{change.code}, {change.meaning}: {what or change.step}",
        opened_at=heard.heard_at,
    )


def corrected_mail(
    change: NotificationOfChange, before: Mandate, after: Mandate, at: datetime
) -> Mail:
    """Monthly payments go on, or wait on hold, with the account as it was corrected."""
    tells = AccountCorrectedLetter(
        about=about(after, after.account),
        what=change.code,
        account_type=change.correction.account_type,
        old_last4=before.account.last4,
        new_last4=after.account.last4,
        next_time=False,
        held=after.held,
    )
    return mandate_mail(tells, corrected_letter(after.mandate_id, after.version), after, at)


def next_time_mails(
    change: NotificationOfChange, heard: Heard, original: OriginalEntry
) -> list[Mail]:
    """Nothing goes on from this account: the payer must know when paying from it again."""
    if original.payer.contact is None:
        return []
    entry, account = original.entry, change.correction.account
    tells = AccountCorrectedLetter(
        about=about(original.enrollment, entry.account),
        what=change.code,
        account_type=change.correction.account_type,
        old_last4=entry.account.last4,
        new_last4=account.last4 if account else None,
        next_time=True,
        held=False,
    )
    return [payment_mail(tells, entry, original.payer, heard.heard_at, heard_letter(heard.name))]
