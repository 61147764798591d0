"""What the run of the 22nd would do, read only: nobody is frozen, told, debited or written down.

The same readings and the same decision as the run's own (services/withdrawal); what was decided
already is told as it stands.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chalicelib.domain import ledger, withdrawal
from chalicelib.domain.coverage import month_after
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.identities import withdrawal_line, withdrawal_run
from chalicelib.domain.ledger import Line
from chalicelib.domain.mandate import Mandate
from chalicelib.domain.purposes import ACCOUNT
from chalicelib.domain.timetable import WITHDRAWALS
from chalicelib.domain.withdrawal import (
    Announcement,
    Circumstances,
    Decision,
    Exclusion,
    Verdict,
)
from chalicelib.ports import Vault
from chalicelib.repositories.mandates import enrollment_of
from chalicelib.repositories.records import Records
from chalicelib.services.monthly.running import PAGE_ROWS

MUCH_MORE = 2  # times last month's withdrawal, or the premium where nothing was taken before


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedDecision:
    """What would become of one mandate, or has become of it."""

    enrollment_id: str
    mandate_id: str | None
    verdict: str
    cents: int
    reason: str | None
    owed_cents: int
    announced_cents: int | None
    last_cents: int | None  # last month's withdrawal; None when nothing was decided
    premium_cents: int | None
    is_decided: bool

    @property
    def is_outlier(self) -> bool:
        """Whether it takes much more than what was to be expected."""
        usual = self.last_cents or self.premium_cents
        return usual is not None and self.cents > MUCH_MORE * usual


@dataclass(frozen=True, slots=True)
class Seen:
    """What is read once for all mandates of a slot."""

    enrollments: Mapping[str, Enrollment | None]
    announced: Mapping[str, Announcement]
    stops: Mapping[str, str]
    in_held_feeds: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What rehearsing needs of the world; it only ever reads."""

    records: Records
    vault: Vault
    debit_ceiling_cents: int

    def stops(self, month: str) -> dict[str, str]:
        """What is stopped in that month's run."""
        return self.records.runs.stops(withdrawal_run(month))

    def slot(self, month: str, slot: int, stops: Mapping[str, str]) -> list[ExpectedDecision]:
        """Every mandate of a slot that the run of this month would ask."""
        found: list[ExpectedDecision] = []
        seen, after = None, ""
        while rows := self.records.mandates.in_slot(slot, after, PAGE_ROWS):
            seen = seen or self._seen(month, slot, stops)
            for key, mandates in rows:
                if mandates is None:
                    name = enrollment_of(key)
                    found.append(_unreadable(name, Exclusion.UNREADABLE_MANDATE))
                    continue
                mandate = mandates.active_in(month)
                if mandate:
                    found.append(self._expect(mandate, month, seen))
            after = rows[-1][0]
            if len(rows) < PAGE_ROWS:
                break
        return found

    def _seen(self, month: str, slot: int, stops: Mapping[str, str]) -> Seen:
        enrollments = self.records.enrollments.in_slot(slot)
        announced = self.records.mandates.announced_in_slot(slot, month)
        return Seen(enrollments, announced, stops, self.records.held_feeds.harmed_in(slot))

    def _expect(self, mandate: Mandate, month: str, seen: Seen) -> ExpectedDecision:
        enrollment = seen.enrollments.get(mandate.enrollment_id)
        announced = seen.announced.get(mandate.enrollment_id)
        lines = self.records.books.readable_lines(mandate.enrollment_id)
        if lines is None:
            return _unreadable(mandate.enrollment_id, Exclusion.UNREADABLE_LEDGER)
        stands = _withdrawal(lines, month)
        decision = _as_it_stands(stands) if stands else self._decide(mandate, month, seen, lines)
        last = _withdrawal(lines, month_after(month, -1))
        return ExpectedDecision(
            enrollment_id=mandate.enrollment_id,
            mandate_id=mandate.mandate_id,
            verdict=decision.verdict,
            cents=decision.amount_cents,
            reason=decision.reason,
            owed_cents=ledger.owed(lines),
            announced_cents=announced.cents if announced else None,
            last_cents=-last.amount_cents if last else None,
            premium_cents=enrollment.premium_cents if enrollment else None,
            is_decided=stands is not None,
        )

    def _decide(self, mandate: Mandate, month: str, seen: Seen, lines: list[Line]) -> Decision:
        sealed = mandate.account.sealed_number
        circumstances = Circumstances(
            enrollment=seen.enrollments.get(mandate.enrollment_id),
            lines=lines,
            announced=seen.announced.get(mandate.enrollment_id),
            account_opens=self.vault.opens(ACCOUNT, sealed, mandate.subscriber_id),
            stops=seen.stops,
            ceiling_cents=self.debit_ceiling_cents,
            scheduled_at=WITHDRAWALS.first_of(month),
            in_held_feed=mandate.enrollment_id in seen.in_held_feeds,
        )
        return withdrawal.decide(mandate, month, circumstances)


def _withdrawal(lines: list[Line], month: str) -> Line | None:
    return next((line for line in lines if line.line == withdrawal_line(month)), None)


def _as_it_stands(line: Line) -> Decision:
    return Decision(
        verdict=Verdict(str(line.verdict)), amount_cents=-line.amount_cents, reason=line.reason
    )


def _unreadable(enrollment_id: str, reason: Exclusion) -> ExpectedDecision:
    return ExpectedDecision(
        enrollment_id=enrollment_id,
        mandate_id=None,
        verdict=Verdict.EXCLUDED,
        cents=0,
        reason=reason,
        owed_cents=0,
        announced_cents=None,
        last_cents=None,
        premium_cents=None,
        is_decided=False,
    )
