"""Files of the bank that lie unread: they ring, and nothing is called paid meanwhile (I20)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.ports import Cases, Files, Signals

INBOUND = "inbound/bank/"
REASON = "a file of the bank lies unread for a day: until it is read nothing is called paid"
LONG = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What looking for them needs of the world."""

    files: Files
    cases: Cases
    signals: Signals

    def rings(self, at: datetime) -> bool:
        """Whether there is one; what lies there for a day is a case, too."""
        found = list(self.files.lying(INBOUND))
        self.signals.count("BankFilesUnread", len(found))
        for key, since in found:
            if at - since >= LONG:
                self._open_case(key.removeprefix(INBOUND), since, at)
        return bool(found)

    def _open_case(self, name: str, since: datetime, at: datetime) -> None:
        # A bank may use one name every day.
        case, reason = f"unread#{name}@{local_day(since)}", f"{name}: {REASON}"
        self.cases.open_case(Case(case=case, kind=CaseKind.BANK, reason=reason, opened_at=at))
