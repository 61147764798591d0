"""The bank's counter: takes files in, and hands receipts and answers out when it is time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from infra.offline.bank.answers import Answer, answer_to, answers, refused
from infra.offline.bank.judge import FileKey, judge
from infra.offline.bank.opening_days import EASTERN
from infra.offline.bank.outgoing import answer_file
from infra.offline.bank.papers import Customer, Judgement
from infra.offline.bank.receipts import AFTER, receipt
from infra.offline.bank.statements import Account

STATEMENT = "statement-"  # begins the name of one


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file that the bank drops for its customer."""

    at: datetime
    name: str
    data: bytes


class Counter:
    """Holds the keys of files it knows, and answers that are under way. Time is told to it."""

    def __init__(
        self,
        customer: Customer,
        *,
        lists_bank: Callable[[str], bool] = lambda _: True,
        stated_from: datetime | None = None,
    ) -> None:
        """From a day on it states what moved on the account, where one is given."""
        self._customer = customer
        self._lists_bank = lists_bank
        self._known: set[FileKey] = set()
        self._under_way: list[Answer] = []
        self._receipts: list[Delivery] = []
        self.account = Account(customer, stated_from)

    def take(
        self, chunks: Iterable[bytes], received_at: datetime, name: str | None = None
    ) -> Judgement:
        """Judge a file; of one that is taken, settle what pays and note what will be answered.

        One that came under a name gets a receipt in half an hour, taken or not.
        """
        judgement = judge(
            chunks,
            self._customer,
            received_at,
            known=self._known,
            lists_bank=self._lists_bank,
        )
        if name:
            at = received_at + AFTER
            self._receipts.append(Delivery(at, f"{name}.csv", receipt(name, judgement)))
        if judgement.is_taken:
            self._known.add(judgement.key)
            found = (answer_to(taken) for taken in judgement.kept)
            self._under_way += [answer for answer in found if answer is not None]
            self._under_way += [
                refused(taken, code, received_at) for taken, code in judgement.returned
            ]
            self.account.settle(judgement, judgement.kept)
            judgement.kept = [taken for taken in judgement.kept if answers(taken)]
        return judgement

    def next_at(self) -> datetime | None:
        """When the next delivery is due."""
        due = [each.at for each in (*self._receipts, *self._under_way)]
        return min([*due, *filter(None, [self.account.next_at()])], default=None)

    def deliveries(self, until: datetime) -> list[Delivery]:
        """The files due up to this instant, oldest first; each is handed out once."""
        receipts = [each for each in self._receipts if each.at <= until]
        self._receipts = [each for each in self._receipts if each.at > until]
        due = sorted(
            (answer for answer in self._under_way if answer.at <= until),
            key=lambda answer: (answer.at, answer.entry.trace),
        )
        self._under_way = [answer for answer in self._under_way if answer.at > until]
        self.account.give_back(due)
        stated = [
            Delivery(at, f"{STATEMENT}{day:%Y%m%d}.bai", data)
            for at, day, data in self.account.statements(until)
        ]
        found = [self._delivery(at, group) for at, group in groupby(due, key=lambda each: each.at)]
        return sorted([*receipts, *found, *stated], key=lambda each: each.at)

    def _delivery(self, at: datetime, group: Iterable[Answer]) -> Delivery:
        name = f"answers-{at.astimezone(EASTERN):%Y%m%d-%H%M}.ach"
        return Delivery(at, name, answer_file(group, self._customer, at))
