"""Members agree that monthly payments go on with the plan that follows, or switch it off (42)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.carry_over import may_agree
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.mandate import Mandate, NotThisMandate
from chalicelib.domain.payment import Evidence
from chalicelib.repositories.records import Records
from chalicelib.services.monthly.carrying import Carrying
from chalicelib.services.monthly.months import Months


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingOn:
    """What agreeing to it needs of the world."""

    records: Records
    months: Months
    carrying: Carrying
    carry_over: bool

    def is_offered(self, mandate: Mandate, enrollment: Enrollment, now: datetime) -> bool:
        """Whether the member of an enrollment's newest mandate may agree now."""
        return self.carry_over and may_agree(mandate, enrollment, local_day(now))

    def agree(
        self, enrollment: Enrollment, mandate_id: str, agreed: Evidence, now: datetime
    ) -> None:
        """From now on it goes on; at once, where the plan that follows is there already.

        Again changes nothing. Raises NotThisMandate.
        """

        def change(mandate: Mandate, newest: Mandate) -> Mandate:
            if mandate.carry_over:
                return mandate
            if not (mandate == newest and self.is_offered(mandate, enrollment, now)):
                raise NotThisMandate
            return mandate.going_on(agreed)

        self._change(mandate_id, enrollment, change, "goes on with the plan that follows", now)

    def stay(self, enrollment: Enrollment, mandate_id: str, now: datetime) -> None:
        """It does not go on with the plan that follows. Again changes nothing.

        Raises NotThisMandate.
        """

        def change(mandate: Mandate, _newest: Mandate) -> Mandate:
            return mandate.staying() if mandate.carry_over else mandate

        self._change(mandate_id, enrollment, change, "stays with its plan", now)

    def _change(
        self,
        mandate_id: str,
        enrollment: Enrollment,
        change: Callable[[Mandate, Mandate], Mandate],
        what: str,
        now: datetime,
    ) -> None:
        name = enrollment.enrollment_id

        def attempt() -> None:
            mandates = self.records.mandates.of(name)
            past = self.records.mandates.past(name)
            known = {each.mandate_id: each for each in (*past, *mandates.standing)}
            if mandate_id not in known:
                raise NotThisMandate
            mandate, newest = known[mandate_id], max(known.values(), key=lambda one: one.created_at)
            changed = change(mandate, newest)
            if changed == mandate:
                return
            after, gone = mandates.with_each(
                lambda one: changed if one.mandate_id == mandate_id else one, now
            )
            was = gone if changed in (*after.standing, *gone) else (*gone, changed)
            coming, audit = self.months.coming(name, now), f"{what} {mandate_id}"
            self.records.commit(
                *self.records.mandates.changing(after, was, coming, audit, now),
                *self.carrying.judged_anew(changed, after, now),
            )

        self.records.commit_or_retry(attempt)
