"""Files that lie unread are told again, and ring; meanwhile nothing is called paid (I20).

Who has read a file erases that version; so whatever lies under `inbound/` is still to be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.identities import case_id, kind_of
from chalicelib.ports import Bus, Files, Lying, Metrics
from chalicelib.repositories.records import Records
from chalicelib.services.quarantine.quarantine import UNREADABLE_FILE

INBOUND, OF_THE_BANK = "inbound/", "inbound/bank/"
STATEMENTS = "inbound/statements/"
BANK = "a file of the bank lies unread for a day: until it is read nothing is called paid"
OTHERS = "a file lies unread for a day; nothing of it is done"
A_MOMENT = timedelta(minutes=15)  # as long as a function may run: it may be at it
TOO_LONG = timedelta(hours=2)  # a part that failed once comes again after an hour and a half
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What looking for them needs of the world."""

    files: Files
    records: Records
    metrics: Metrics

    def rings(self, at: datetime) -> bool:
        """Whether there is one of the bank; whatever lies there for a day is a case, too.

        One in which nothing could be read is as one that was not (rule 48), until its case closes.

        So does a feed that staff still hold, each day (rule 40).
        """
        if held := self.records.held_feeds.all():
            self.metrics.count("FeedsHeld", len(held))
        found = list(self.files.lying(INBOUND))
        of_the_bank = [each for each in found if each.key.startswith(OF_THE_BANK)]
        names = self.records.cases.open_ids()
        dumb = [each for each in names if kind_of(each) == UNREADABLE_FILE]
        self.metrics.count("BankFilesUnread", len(of_the_bank) + len(dumb))
        for each in _older(found, A_DAY, at):
            self._open_case(each, at)
        return bool(of_the_bank or dumb)

    def _open_case(self, file: Lying, at: datetime) -> None:
        # One name may be used every day.
        is_bank = file.key.startswith((OF_THE_BANK, STATEMENTS))
        name = file.key.removeprefix(OF_THE_BANK).removeprefix(INBOUND)
        self.records.cases.open_case(
            Case(
                case_id=case_id("unread", f"{name}@{local_day(file.since)}"),
                kind=CaseKind.BANK if is_bank else CaseKind.FEED_REFUSED,
                reason=f"{name}: {BANK if is_bank else OTHERS}",
                opened_at=at,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retelling:
    """What saying that files arrived needs of the world."""

    files: Files
    bus: Bus
    metrics: Metrics

    def tell_again(self, at: datetime) -> None:
        """The news of each may be lost: it is said again; what lies there for too long rings."""
        found = list(self.files.lying(INBOUND))
        self.metrics.count("FilesUnread", len(_older(found, TOO_LONG, at)))
        self.bus.arrived(*_older(found, A_MOMENT, at))


def _older(files: Sequence[Lying], age: timedelta, at: datetime) -> list[Lying]:
    return [each for each in files if at - each.since >= age]
