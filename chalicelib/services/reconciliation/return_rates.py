"""Nacha's return rates of the last 60 days, measured each evening; they ring before a limit."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.ach.decisions import LIMIT_OF_ALL_PER_10_000, LIMITS_PER_10_000, Rate
from chalicelib.domain.ach.returns import nears_limit
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.coverage import month_of
from chalicelib.domain.identities import case_id
from chalicelib.domain.transmission import UNSENT
from chalicelib.ports import Metrics
from chalicelib.repositories.records import Records

MEASURED_DAYS = 60
ALL = "all"


@dataclass(frozen=True, slots=True)
class ReturnRate:
    """How many of the debits that settled in the last 60 days came back."""

    name: str  # unauthorized, administrative, all
    returned: int
    sent: int
    limit_per_10_000: int

    @property
    def is_near(self) -> bool:
        """Whether it has come to four fifths of its limit."""
        return nears_limit(self.returned, self.sent, self.limit_per_10_000)

    def __str__(self) -> str:
        """As staff read it: unauthorized 0.41 % (41 of 10,000; limit 0.50 %)."""
        share = 100 * self.returned / self.sent if self.sent else 0
        counts = f"{self.returned:,} of {self.sent:,}"
        return f"{self.name} {share:.2f} % ({counts}; limit {self.limit_per_10_000 / 100:.2f} %)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRates:
    """What measuring needs of the world."""

    records: Records
    metrics: Metrics

    def measure(self, at: datetime) -> list[ReturnRate]:
        """Debits by their settlement date, and what came back of just these."""
        since = local_day(at) - timedelta(days=MEASURED_DAYS)
        sent = [
            transmission
            for transmission in self.records.transmissions.all()
            if transmission.settles_on >= since and transmission.state not in UNSENT
        ]
        debits = sum(transmission.debits for transmission in sent)
        answers = (
            each
            for transmission in sent
            for each in self.records.transmissions.answers(transmission)
        )
        returned = Counter(answer.rate for answer in answers)
        return [
            *(
                ReturnRate(str(rate), returned[rate], debits, limit)
                for rate, limit in LIMITS_PER_10_000.items()
            ),
            ReturnRate(
                ALL, returned.total() - returned[Rate.NONE], debits, LIMIT_OF_ALL_PER_10_000
            ),
        ]

    def watch(self, at: datetime) -> None:
        """Rings for each rate that nears its limit; one case a rate and month."""
        for rate in self.measure(at):
            if rate.is_near:
                self.metrics.count("ReturnRatesNear")
                self.records.cases.open_case(
                    Case(
                        case_id=case_id("return_rate", rate.name, month_of(local_day(at))),
                        kind=CaseKind.BANK,
                        reason=f"return rate near its limit: {rate}",
                        opened_at=at,
                    )
                )
