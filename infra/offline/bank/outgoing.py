"""Writes the files in which a bank sends returns and notifications of change to its customer."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from infra.offline.bank.answers import Answer
from infra.offline.bank.opening_days import EASTERN
from infra.offline.bank.papers import Customer, Taken

BLOCK = 10
SIZE = 94
_COMES_BACK = {"2": "1", "3": "1", "4": "1", "7": "6", "8": "6", "9": "6"}
_DAYS_BEFORE = 14  # how long before settlement somebody had died


def answer_file(answers: Iterable[Answer], customer: Customer, at: datetime) -> bytes:
    """One file of everything that is answered at this instant, a batch for each kind."""
    local = at.astimezone(EASTERN)
    rows, totals, batches, rank = [_opening(customer, local)], [0, 0, 0, 0], 0, 0
    for _, group in groupby(sorted(answers, key=_batch), key=_batch):
        batches += 1
        batch = list(group)
        body, sums = _entries(batch, customer, rank)
        rank += len(batch)
        rows += [
            _heading(batch[0], customer, batches, local),
            *body,
            _closing(batch[0], customer, batches, sums),
        ]
        totals = [one + other for one, other in zip(totals, sums, strict=True)]
    blocks = -(-(len(rows) + 1) // BLOCK)
    count, total, debits, credits_ = totals
    rows.append(
        f"9{batches:06d}{blocks:06d}{count:08d}{total % 10**10:010d}"
        f"{debits:012d}{credits_:012d}{'':39}"
    )
    rows += ["9" * SIZE] * (-len(rows) % BLOCK)
    assert all(len(row) == SIZE for row in rows), "the bank writes rows of one length"
    return "".join(f"{row}\n" for row in rows).encode("ascii")


def corrected_account(account: str) -> str:
    """The number that C01 says is right; it pays."""
    return f"10{account}"


def _batch(answer: Answer) -> tuple[str, ...]:
    entry = answer.entry
    return (
        "1" if _is_change(answer) else "0",
        entry.entry_class,
        entry.company_id,
        entry.description,
        entry.effective,
        "" if entry.is_debit else "credit",
        entry.routing,
    )


def _opening(customer: Customer, local: datetime) -> str:
    return (
        f"101{customer.origin:>10}{customer.odfi + _check_digit(customer.odfi):>10}"
        f"{local:%y%m%d%H%M}A094101{customer.name:<23.23}{customer.bank_name:<23.23}{'':8}"
    )


def _heading(answer: Answer, customer: Customer, number: int, local: datetime) -> str:
    entry = answer.entry
    entry_class = "COR" if _is_change(answer) else entry.entry_class
    dates = f"{'':6}{entry.effective:6}{local:%j}"
    return (
        f"5{_service_class(entry)}{entry.company:16}{'':20}{entry.company_id:10}{entry_class}"
        f"{entry.description:10}{dates}1{_sender(entry, customer)}{number:07d}"
    )


def _entries(
    batch: Sequence[Answer], customer: Customer, rank: int
) -> tuple[list[str], tuple[int, int, int, int]]:
    """Two rows for each answer; count, hash, debits and credits."""
    home = customer.odfi + _check_digit(customer.odfi)
    rows, debits, credits_ = [], 0, 0
    for place, answer in enumerate(batch, start=rank + 1):
        entry = answer.entry
        cents = 0 if _is_change(answer) else entry.cents
        trace = f"{_sender(entry, customer)}{place:07d}"
        row = (
            f"6{_code_back(entry)}{home}{entry.account:17}{cents:010d}{entry.person_id:15}"
            f"{entry.person:22}{entry.extra:2}1{trace}"
        )
        rows += [row, _reason(answer, trace)]
        debits += cents if entry.is_debit else 0
        credits_ += 0 if entry.is_debit else cents
    return rows, (len(rows), int(customer.odfi) * len(batch), debits, credits_)


def _reason(answer: Answer, trace: str) -> str:
    entry = answer.entry
    start = f"{answer.code}{entry.trace}"
    if _is_change(answer):
        data = corrected_account(entry.account)
        return f"798{start}{'':6}{entry.routing[:8]}{data:29}{'':15}{trace}"
    died = entry.settles_on - timedelta(days=_DAYS_BEFORE)
    death = f"{died:%y%m%d}" if answer.code in {"R14", "R15"} else ""
    return f"799{start}{death:6}{entry.routing[:8]}{'':44}{trace}"


def _closing(
    answer: Answer, customer: Customer, number: int, sums: tuple[int, int, int, int]
) -> str:
    entry = answer.entry
    count, total, debits, credits_ = sums
    return (
        f"8{_service_class(entry)}{count:06d}{total % 10**10:010d}{debits:012d}{credits_:012d}"
        f"{entry.company_id:10}{'':25}{_sender(entry, customer)}{number:07d}"
    )


def _is_change(answer: Answer) -> bool:
    return answer.code.startswith("C")


def _service_class(entry: Taken) -> str:
    return "225" if entry.is_debit else "220"


def _code_back(entry: Taken) -> str:
    return entry.code[0] + _COMES_BACK.get(entry.code[1], entry.code[1])


def _sender(entry: Taken, customer: Customer) -> str:
    """The bank that answers; where nobody could read which, the operator does, through us."""
    dfi = entry.routing[:8]
    return dfi if dfi.isascii() and dfi.isdigit() else customer.odfi


def _check_digit(odfi: str) -> str:
    total = sum(
        weight * int(digit) for weight, digit in zip((3, 7, 1, 3, 7, 1, 3, 7), odfi, strict=True)
    )
    return str(-total % 10)
