"""Members change how they are reached about monthly payments, which go on as they are (rule 22)."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.mandate import Mandate, MandateState, NotThisMandate
from chalicelib.domain.month import mandate_state
from chalicelib.domain.paying import Standing
from chalicelib.domain.payment import Contact
from chalicelib.repositories.records import Records
from chalicelib.services.mail.mandate_mails import contact_mails
from chalicelib.services.monthly.months import Months


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacting:
    """What changing it needs of the world."""

    records: Records
    months: Months

    def change(self, standing: Standing, mandate_id: str, typed: Contact, now: datetime) -> None:
        """Letters about a mandate go there from now on; what was announced by then stays so.

        The same again changes nothing, and tells nobody. Raises NotThisMandate, also where it has
        ended.
        """
        name = standing.enrollment.enrollment_id

        def attempt() -> None:
            mandates = self.records.mandates.of(name)
            found = (each for each in mandates.standing if each.mandate_id == mandate_id)
            mandate = next(found, None)
            if mandate is None or _has_ended(mandate, standing, now):
                raise NotThisMandate
            if mandate.contact.is_same(typed):
                return
            changed = mandate.reached_at(typed)
            after, past = mandates.with_each(
                lambda each: changed if each.mandate_id == mandate_id else each, now
            )
            coming, audit = self.months.coming(name, now), f"reached otherwise {mandate_id}"
            self.records.commit(
                *self.records.mandates.changing(after, past, coming, audit, now),
                mails=contact_mails(changed, mandate.contact, now),
            )

        self.records.commit_or_retry(attempt)


def _has_ended(mandate: Mandate, standing: Standing, now: datetime) -> bool:
    state = mandate_state(mandate, standing.enrollment, standing.lines, now)
    return state is MandateState.ENDED
