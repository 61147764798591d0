"""Entries become the bytes of a file: here account numbers are opened, to be written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.ach import entries as ach
from chalicelib.domain.ach.checks import Operator
from chalicelib.domain.ach.validation import is_refused, validate
from chalicelib.domain.ach.writer import files
from chalicelib.domain.bank_profile import BankProfile
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.enrollment import Plan
from chalicelib.domain.entry import ENTRY_PURPOSES, Entry
from chalicelib.domain.payment import AccountNumber
from chalicelib.domain.purposes import ACCOUNT
from chalicelib.domain.transmission import SealedFile, Transmission
from chalicelib.ports import BankLine, Unsealable, Vault
from chalicelib.repositories.records import Records

_NAME = re.compile(r"[!-~]{9,10}-\d{8}-\d{4}-[A-Z0-9]\.ach", re.ASCII)
SINGLE, RECURRING = ach.PaymentType.SINGLE, ach.PaymentType.RECURRING
DESCRIPTIONS = {Plan.HEALTH: ach.HEALTH_PREMIUM, Plan.DENTAL: ach.DENTAL_PREMIUM}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMaker:
    """What making files needs of the world."""

    records: Records
    bank: BankLine
    vault: Vault
    originator: ach.Originator
    bank_most_lines: int
    profile: BankProfile

    def build(self, transmission: Transmission) -> Iterator[SealedFile]:
        """Writes each file where none is; the same transmission gives the same bytes."""
        identity = ach.FileIdentity.first_at(transmission.sealed_at)
        entries = self._opened(transmission)
        written = files(
            entries,
            self.originator,
            identity,
            first_trace=transmission.first_trace,
            most_lines=self.bank_most_lines,
            line_end=self.profile.line_end,
        )
        for each, (writer, lines) in zip(identity.onward(), written, strict=False):
            name = file_name(self.originator, each)
            self.bank.write(name, lines)
            summary = writer.summary
            yield SealedFile(
                name=name,
                sha256=summary.sha256,
                entries=summary.entries,
                debit_cents=summary.debit_cents,
                credit_cents=summary.credit_cents,
                entry_hash=summary.entry_hash,
            )

    def objections(self, transmission: Transmission) -> list[str]:
        """Why the ACH operator would refuse a file as it was written: its rules, by file name."""
        operator = self._operator(transmission.sealed_at)
        found = []
        for file in transmission.files:
            verdict = validate(self.bank.read(file.name), operator)
            found += [f"{file.name}: {rule}" for rule in sorted(verdict.rules)]
        return found

    def _opened(self, transmission: Transmission) -> Iterator[ach.FileEntry]:
        """The entries in file order."""
        left_out = transmission.left_out_ids
        for batch in transmission.batches:
            place = batch.collection, batch.kind
            for entry in self.records.books.entries(*place, without=left_out):
                yield self._for_the_bank(entry, transmission.effective_on)

    def _for_the_bank(self, entry: Entry, effective_on: date) -> ach.FileEntry:
        account = entry.account
        digits = self.vault.open(ACCOUNT, account.sealed_number, entry.subscriber_id)
        made = as_file_entry(entry, effective_on, AccountNumber(digits))
        if entry.refused and made.refused:
            addenda = self.vault.open(ACCOUNT, entry.refused.sealed_addenda, entry.payment_id)
            made.refused = replace(made.refused, addenda=addenda)
        return made

    def refuses(self, entry: Entry, effective_on: date, sealed_at: datetime) -> bool:
        """Whether no bank would take this entry of that date, or its number does not open."""
        operator = self._operator(sealed_at)
        try:
            return is_refused(self._for_the_bank(entry, effective_on), operator)
        except Unsealable:
            return True

    def _operator(self, at: datetime) -> Operator:
        return Operator(originator=self.originator, processed_on=local_day(at))


def as_file_entry(entry: Entry, effective_on: date, account: AccountNumber) -> ach.FileEntry:
    """An entry as the bank's file says it; of a refused change all but what the bank wrote."""
    refused = entry.refused
    return ach.FileEntry(
        entry_id=entry.individual_id,
        routing=entry.account.routing,
        account=account,
        account_type=entry.account.account_type,
        amount_cents=entry.amount_cents,
        individual_name=entry.account.holder_name,
        payment_type=RECURRING if entry.is_recurring else SINGLE,
        plan_description=DESCRIPTIONS[entry.plan],
        effective_on=effective_on,
        purpose=ENTRY_PURPOSES[entry.kind],
        refused=ach.RefusedNotice(code=refused.code, transaction_code=refused.transaction_code)
        if refused
        else None,
    )


def file_name(originator: ach.Originator, identity: ach.FileIdentity) -> str:
    """The identity of a file as the operator sees it: origin, date, time, modifier (I17)."""
    origin = originator.immediate_origin
    return f"{origin}-{identity.created_at:%Y%m%d-%H%M}-{identity.modifier}.ach"


def is_file_name(name: str) -> bool:
    """Whether this could be the name of a file of ours."""
    return _NAME.fullmatch(name) is not None
