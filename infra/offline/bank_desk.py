"""The offline bank behind its desk: fetches the files we put out, and drops what it answers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import boto3
from moto.s3.models import s3_backends

from chalicelib.domain.ach.entries import Originator
from infra.offline.bank.counter import STATEMENT, Counter
from infra.offline.bank.papers import Customer, Judgement
from infra.offline.environment import ACCOUNT

OUTBOUND, INBOUND, STATEMENTS = "outbound/bank/", "inbound/bank/", "inbound/statements/"


@dataclass
class BankDesk:
    """Time is told to it; `judgements` keeps what it said of each file."""

    bucket: str
    customer: Customer
    stated_from: datetime | None = None  # from when on it drops statements
    judgements: dict[str, Judgement] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._counter = Counter(self.customer, stated_from=self.stated_from)

    def fetch(self, key: str, now: datetime) -> None:
        """Takes a file that was put out for it, once, and judges it; never one without a byte."""
        name = key.removeprefix(OUTBOUND)
        stored: Any = s3_backends[ACCOUNT]["aws"].get_object(self.bucket, key)
        if name in self.files or not stored or not stored.value:
            return
        self.files[name] = bytes(stored.value)
        self.judgements[name] = self._counter.take([self.files[name]], now, name)

    def next_at(self) -> datetime | None:
        """When it drops its next answer."""
        return self._counter.next_at()

    def answer(self, until: datetime) -> None:
        """Drops the answers that are due."""
        for delivery in self._counter.deliveries(until):
            is_stated = delivery.name.startswith(STATEMENT)
            place = STATEMENTS if is_stated else INBOUND
            self.drop(f"{place}{delivery.name}", delivery.data)

    def holds(self, key: str) -> bool:
        """Whether a file still lies where the bank left it."""
        return s3_backends[ACCOUNT]["aws"].get_object(self.bucket, key) is not None

    def drop(self, key: str, body: bytes) -> None:
        """Puts a file where the bank puts files."""
        boto3.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)


def customer_of(originator: Originator) -> Customer:
    """We, as the bank's papers have us."""
    return Customer(
        origin=originator.immediate_origin,
        odfi=originator.odfi_id,
        bank_name=originator.immediate_destination_name,
        name=originator.immediate_origin_name,
    )
