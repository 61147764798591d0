"""What a member typed to be found, and the journey that it begins; pure (rules 8, 9, 55)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.draft import Draft
from chalicelib.domain.guessing import Ticket
from chalicelib.domain.identification import (
    Claim,
    bare_enrollment_id,
    same_name,
    without_separators,
)
from chalicelib.domain.journey import Journey, To


@dataclass(frozen=True, slots=True)
class TypedIdentity:
    """What was typed, brought to the form it is counted by, whether or not it is well formed."""

    subject: str
    identifier: str


def said(
    id_type: str, number: str, first_name: str, last_name: str, birth: Sequence[str]
) -> TypedIdentity:
    """From the fields as typed: what doesn't count in a match doesn't count here either."""
    day = "-".join(without_separators(part).lstrip("0") for part in birth)
    return TypedIdentity(
        subject=f"{same_name(first_name)}|{same_name(last_name)}|{day}",
        identifier=f"{id_type}|{bare_enrollment_id(number)}",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A form without errors: who is claimed, and the journey that it begins."""

    claim: Claim
    to: To
    ticket: Ticket  # the try has the name of the journey that it may begin
    language: str
    before: Journey | None  # of this browser; what was typed there may fill the new one's forms
    earlier: tuple[str, ...] = ()  # visits of this browser

    @property
    def visit(self) -> Journey | None:
        """The one that is open in this browser."""
        before, now = self.before, self.ticket.taken_at
        return before if before and before.is_live(now) else None

    def journey(self, subscriber_id: str, *, suspicious: bool) -> Journey:
        """Of the subscriber who is found; the same person goes on with the visit (rule 55)."""
        claim, now, before = self.claim, self.ticket.taken_at, self.before
        if self.visit and self.visit.subscriber_id == subscriber_id:
            return self._going_on(self.visit)
        typed = before.draft_for(subscriber_id, claim.plan).typed if before else {}
        began = Journey(
            journey_id=self.ticket.ticket,
            plan=claim.plan,
            subscriber_id=subscriber_id,
            started_at=now,
            seen_at=now,
            suspicious=suspicious,
            earlier=self.earlier,
            draft=Draft(typed=typed),
        )
        return self._named(began)

    def _going_on(self, visit: Journey) -> Journey:
        """To pay, with another journey; to look at what there is, with the same."""
        now = self.ticket.taken_at
        if self.to is To.PAY:
            return self._named(visit.opened(self.claim.plan, (), now))
        return self._named(replace(visit, version=visit.version + 1, seen_at=now))

    def _named(self, journey: Journey) -> Journey:
        name = f"{self.claim.first_name} {self.claim.last_name}".strip()
        draft = replace(journey.draft, member_name=name, birth_on=self.claim.birth_on)
        return replace(journey, to=self.to, language=self.language, draft=draft)
