"""What the control room says of cases: what staff must look at, with its payment and its mails."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.domain.case import Case
from chalicelib.domain.mail import mail_id_of
from infra.offline.clock import written
from infra.offline.views import NotThere, Said, Views

if TYPE_CHECKING:
    from infra.offline.world import World

MOST_MAILS = 500


class CaseViews:
    """The cases of the world."""

    def __init__(self, world: "World", views: Views) -> None:
        self._mailbox = world.mailbox
        self._records = world.system.records
        self._views = views

    def cases(self) -> Said:
        """What staff must look at."""
        return [_said(case) for case in self._records.cases.open()]

    def case(self, case_id: str) -> Said:
        """One, open or closed, with the lines of its payments and the mails to its member."""
        found = self._records.cases.find(case_id)
        if found is None:
            raise NotThere("no such case")
        case, _ = found
        return {"case": _said(case), "lines": self._lines(case), "mail": list(self._mails(case))}

    def _lines(self, case: Case) -> Said:
        """Of the payments, or of the confirmation, that it is named by."""
        named = set(re.split("[#.]", case.case_id))
        submissions = [self._records.books.submission(name) for name in named]
        named |= {payment.payment_id for each in submissions if each for payment in each.payments}
        lines = self._records.books.lines(case.enrollment_id) if case.enrollment_id else []
        return self._views.seen(
            [each for each in lines if named & {each.payment_id, each.of_payment}]
        )

    def _mails(self, case: Case) -> Iterator[Said]:
        """Among the newest ones, those about its enrollment."""
        for mail, tags in self._mailbox.newest(MOST_MAILS):
            promised = self._records.outbox.get(tags["day"], mail_id_of(tags["mail_id"]))
            if promised and promised.enrollment_id == case.enrollment_id:
                yield mail


def _said(case: Case) -> Said:
    return {
        "case": case.case_id,
        "kind": str(case.kind),
        "enrollment_id": case.enrollment_id,
        "reason": case.reason,
        "opened_at": written(case.opened_at),
    }
