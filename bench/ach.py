"""How fast a file is written with its proof, and read, beside achkit and carta-ach.

make bench ROW=ach ARGS="ENTRIES ..."   10,000 and 100,000 unless said; five rounds each, in turn

Each begins with the same plain rows and ends with bytes that its own check has accepted, or with
the entries of the same file. Ratios are of medians of this one run; so is memory, one round each.
"""

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from functools import partial

import achkit
from ach.builder import AchFile as CartaFile
from ach.parser import Parser as CartaParser
from rich.console import Console
from rich.progress import track
from rich.table import Table

from chalicelib.domain.ach.checks import Operator
from chalicelib.domain.ach.entries import (
    HEALTH_PREMIUM,
    FileEntry,
    FileIdentity,
    PaymentType,
)
from chalicelib.domain.ach.reading import read_whole
from chalicelib.domain.ach.validation import validate
from chalicelib.domain.ach.writer import files
from chalicelib.domain.payment import AccountNumber, AccountType
from tests.domain.ach.builders import GOOD_ROUTING
from tests.domain.ach.builders import ORIGINATOR as WHO

ROUNDS = 5
COUNTS = (10_000, 100_000)
NAMES = ("Maria Santos", "José Ángel Peña", "Wei O'Brien", "Ann-Marie St. John")
ON = date(2026, 12, 4)
AT = datetime(2026, 12, 3, 23, tzinfo=UTC)
OPERATOR = Operator(originator=WHO, processed_on=date(2026, 12, 3))
Row = tuple[str, str, str, int, str]


def rows(count: int) -> list[Row]:
    """Id, routing number, account, cents, name."""
    return [
        (
            f"PAYMENT{n:08d}",
            GOOD_ROUTING[n % 3],
            str(10_000_000 + n),
            10_000 + n % 90_000,
            NAMES[n % 4],
        )
        for n in range(count)
    ]


def ours_writes(given: list[Row]) -> bytes:
    """As the evening does: written, then proved from its bytes."""
    entries = (
        FileEntry(
            entry_id=entry_id,
            routing=routing,
            account=AccountNumber(account),
            account_type=AccountType.CHECKING,
            amount_cents=cents,
            individual_name=name,
            payment_type=PaymentType.SINGLE,
            plan_description=HEALTH_PREMIUM,
            effective_on=ON,
        )
        for entry_id, routing, account, cents, name in given
    )
    [data] = (b"".join(lines) for _, lines in files(entries, WHO, FileIdentity.first_at(AT)))
    assert validate(_chunks(data), OPERATOR).is_accepted
    return data


def achkit_writes(given: list[Row]) -> str:
    """Built, rendered, and checked by its own validator."""
    file = achkit.AchFile.create(WHO.immediate_destination, WHO.company_id, creation_date=AT)
    batch = file.batch("WEB", HEALTH_PREMIUM, ON.isoformat())
    for entry_id, routing, account, cents, name in given:
        batch.debit(name, routing, account, cents, id_number=entry_id)
    text = file.render()
    assert achkit.validate(text)["ok"]
    return text


def carta_writes(given: list[Row]) -> str:
    """Built and rendered; it has no validator."""
    file = CartaFile(
        "A",
        {
            "immediate_dest": WHO.immediate_destination,
            "immediate_org": WHO.company_id[:9],
            "immediate_dest_name": WHO.immediate_destination_name,
            "immediate_org_name": WHO.immediate_origin_name,
            "company_id": WHO.company_id,
        },
    )
    some = [
        {
            "type": "27",
            "routing_number": routing,
            "account_number": account,
            "amount": f"{cents / 100:.2f}",
            "name": name.encode("ascii", "ignore").decode(),
        }
        for _, routing, account, cents, name in given
    ]
    file.add_batch("WEB", some, credits=False, debits=True)
    return str(file.render_to_string())


def ours_reads(data: bytes) -> int:
    """Judged whole, with each entry as a record."""
    reading = read_whole(_chunks(data))
    assert reading.is_understood
    return len(reading.entries)


def achkit_reads(data: bytes) -> int:
    """Parsed into dictionaries."""
    return sum(len(batch["entries"]) for batch in achkit.parse(data.decode())["batches"])


def carta_reads(data: bytes) -> int:
    """Parsed into dictionaries."""
    return len(CartaParser(data.decode()).as_dict()["batches"][0]["entries"])


def _chunks(data: bytes, size: int = 64 * 1024) -> Iterator[bytes]:
    """As S3 hands them over."""
    return (data[at : at + size] for at in range(0, len(data), size))


WRITERS: dict[str, Callable[[list[Row]], object]] = {
    "ours": ours_writes,
    "achkit": achkit_writes,
    "carta-ach": carta_writes,
}
READERS: dict[str, Callable[[bytes], object]] = {
    "ours": ours_reads,
    "achkit": achkit_reads,
    "carta-ach": carta_reads,
}


def medians(
    works: dict[str, Callable[[], object]], what: str, console: Console
) -> dict[str, float]:
    """Seconds of the processor: all in turn, so that a slow minute is everybody's."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    turns = [name for _ in range(ROUNDS) for name in works]
    for name in track(turns, what, console=console, transient=True):
        began = time.process_time()
        works[name]()
        taken[name].append(time.process_time() - began)
    return {name: statistics.median(each) for name, each in taken.items()}


def peak(work: Callable[[], object]) -> float:
    """Megabytes of Python objects at their most, of one round."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def main(asked: Iterable[str]) -> None:
    """The table."""
    console = Console(highlight=False)
    table = Table("work", "entries", "who", "seconds", "µs an entry", "ours is faster by")
    for count in map(int, [*asked] or COUNTS):
        given = rows(count)
        data = ours_writes(given)
        kinds = {
            "write and validate": {n: partial(w, given) for n, w in WRITERS.items()},
            "read": {n: partial(r, data) for n, r in READERS.items()},
        }
        for what, works in kinds.items():
            found = medians(works, f"{what}, {count:,}", console)
            for name, seconds in found.items():
                ratio = f"{seconds / found['ours']:.2f}"
                each = f"{seconds / count * 1e6:.1f}"
                table.add_row(what, f"{count:,}", name, f"{seconds:.3f}", each, ratio)
    console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
