"""Whether money may go back, by the books as they stand (rule 37)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import banking_days, credit
from chalicelib.domain.credit import Asked, Credit
from chalicelib.domain.ledger import Line, line_of
from chalicelib.domain.may_go_back import MayGoBack, may_go_back
from chalicelib.services.accounts.validation import AccountValidation
from chalicelib.services.mail.payers import Payers
from chalicelib.services.settlement.tracking import Tracking


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditChecks:
    """What checking needs of the world."""

    payers: Payers
    tracking: Tracking
    account_validation: AccountValidation

    def check(self, lines: Sequence[Line], wanted: Credit, at: datetime) -> None:
        """When it is proposed, and again with the second release. Raises CannotGiveBack."""
        states = self.tracking.states([*lines])
        back = may_go_back(lines, states, self._is_refused)
        if wanted.elsewhere:
            gone = wanted.account_is_gone
            credit.raise_first(back.faults_elsewhere(wanted.amount_cents, account_is_gone=gone))
            return
        paid = line_of(lines, str(wanted.of_payment))
        transmission = self.tracking.transmission_of(paid) if paid else None
        asked = Asked(
            kind=wanted.kind,
            why=wanted.why,
            amount_cents=wanted.amount_cents,
            paid=paid,
            state=states.get(str(paid.payment_id)) if paid else None,
            settled_on=transmission.settles_on if transmission else None,
            effective_on=banking_days.effective_entry_date(banking_days.collection_day(at)),
            back=back,
        )
        credit.check(lines, asked)

    def newest_paid(self, lines: Sequence[Line]) -> Line | None:
        """The payment that speaks for the account; its return must not come meanwhile."""
        back: MayGoBack = may_go_back(lines, self.tracking.states([*lines]), lambda _: False)
        return back.newest_paid

    def _is_refused(self, paid: Line) -> bool:
        return self.account_validation.is_refused(self.payers.account_of(paid))
