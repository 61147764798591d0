"""The ACH operator's rejection rules, as facts from the 2013 rule book (OR68 to OR72)."""

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import datetime

from infra.offline.bank import entry_rules
from infra.offline.bank.papers import Customer, Judgement, Objection, Taken
from infra.offline.bank.rows import SIZE, rows

BLOCK = 10
MOST_OBJECTIONS = 1000

CLASSES = frozenset({"ARC", "BOC", "CCD", "CIE", "COR", "CTX", "IAT", "POP"}) | frozenset(
    {"POS", "PPD", "RCK", "TEL", "TRC", "WEB", "XCK"}
)
MODIFIERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
FOLLOWS = {"": "1", "1": "5", "5": "6", "6": "678", "7": "678", "8": "59"}

FileKey = tuple[str, str]  # immediate origin; date, time and modifier


def everything(_: Taken) -> bool:
    """Keep all entries: for small files."""
    return True


def judge(
    chunks: Iterable[bytes],
    customer: Customer,
    received_at: datetime,
    *,
    known: Container[FileKey] = (),
    lists_bank: Callable[[str], bool] = lambda _: True,
    wanted: Callable[[Taken], bool] = everything,
) -> Judgement:
    """Read a file once, from its first row to its last; hold only what is wanted of it."""
    sheet = _Sheet(customer, received_at, known, lists_bank, wanted)
    for number, row in enumerate(rows(chunks), start=1):
        sheet.row(number, row)
    return sheet.over()


class _Tally:
    """Count, hash, debits, credits."""

    def __init__(self) -> None:
        self.count = self.hash = self.debits = self.credits = 0
        self.sure = True  # false: a number could not be read

    def line(self, tally: str, hash_at: int) -> tuple[int | None, ...]:
        """What a control row says: count, hash, debits, credits; the hash begins at a column."""
        cuts = (tally[:hash_at], *(tally[hash_at:][a:b] for a, b in ((0, 10), (10, 22), (22, 34))))
        return tuple(entry_rules.whole(cut) for cut in cuts)

    def counted(self) -> tuple[int, ...]:
        return (self.count, self.hash % 10_000_000_000, self.debits, self.credits)


class _Sheet:
    """One file under the judge's eyes."""

    def __init__(
        self,
        customer: Customer,
        received_at: datetime,
        known: Container[FileKey],
        lists_bank: Callable[[str], bool],
        wanted: Callable[[Taken], bool],
    ) -> None:
        self.customer, self.known = customer, known
        self.desk = entry_rules.Desk(received_at, lists_bank)
        self.wanted = wanted
        self.result = Judgement()
        self.after = ""
        self.rows = self.batches = 0
        self.file, self.batch = _Tally(), _Tally()
        self.head = " " * SIZE
        self.last_trace = ""
        self.kinds: set[bool] = set()  # whether the batch has returns, forward entries, or both
        self.refused_batch = False
        self.kept: list[Taken] = []
        self.returned: list[tuple[Taken, str]] = []
        self.entry: tuple[int, str] | None = None
        self.addenda: list[str] = []
        self.steps = {"1": self.one, "5": self.five, "6": self.six, "7": self.seven}
        self.steps |= {"8": self.eight, "9": self.nine}

    def row(self, number: int, raw: bytes) -> None:
        self.rows = number
        text = raw.decode("latin-1")
        if len(raw) != SIZE:
            self.file.sure = self.batch.sure = False
            self.object("file: unreadable")
        elif text[0] not in "156789":
            self.file.sure = self.batch.sure = False
            self.object("file: undefined")
        elif self.after == "9":
            if text.strip("9"):
                self.object("file: order")
        else:
            if text[0] != "7":
                self.entry_over()
            if text[0] not in FOLLOWS[self.after]:
                self.object("file: order")
            self.after = text[0]
            self.characters(text)
            self.steps[text[0]](text)

    def over(self) -> Judgement:
        """Sum up."""
        self.entry_over()
        if self.after != "9":
            self.object("file: order")
        elif self.rows % BLOCK:
            self.object("file: blocks")
        if not self.result.is_taken:
            self.result.kept, self.result.returned = [], []
        self.result.debit_cents, self.result.credit_cents = self.file.debits, self.file.credits
        return self.result

    def object(self, why: str) -> None:
        """Write an objection down; one to a batch refuses the batch."""
        if len(self.result.objections) < MOST_OBJECTIONS:
            self.result.objections.append(Objection(why, self.rows))
        self.refused_batch |= why.startswith("batch:")

    def all(self, whys: Iterator[str]) -> None:
        for why in whys:
            self.object(why)

    def characters(self, text: str) -> None:
        if not (text.isascii() and text.isprintable()):
            self.object("file: unreadable" if text[0] in "19" else "batch: characters")

    def one(self, text: str) -> None:
        self.result.key = (text[13:23].strip(), text[23:34])
        if text[13:23].strip() != self.customer.origin:
            self.object("file: sender")
        if text[33] not in MODIFIERS:
            self.object("file: modifier")
        if text[34:40] != "094101":
            self.object("file: sizes")
        if self.result.key in self.known:
            self.object("file: same file")

    def five(self, text: str) -> None:
        self.batch, self.head, self.last_trace, self.kinds = _Tally(), text, "", set()
        self.refused_batch, self.kept, self.returned = False, [], []
        self.all(self.heading(text))

    def heading(self, text: str) -> Iterator[str]:
        named = {
            "company name": text[4:20],
            "company id": text[40:50],
            "description": text[53:63],
        }
        yield from (f"batch: {name}" for name, value in named.items() if not value.strip(" 0"))
        if text[1:4] not in {"200", "220", "225"}:
            yield "batch: service class"
        if text[50:53] not in CLASSES:
            yield "batch: class code"
        if text[79:87] != self.customer.odfi:
            yield "batch: odfi"
        if entry_rules.whole(text[87:94]) is None:
            yield "batch: batch number"

    def six(self, text: str) -> None:
        self.entry, self.addenda = (self.rows, text), []
        self.result.entries += 1
        rdfi, cents = entry_rules.whole(text[3:11]), entry_rules.whole(text[29:39])
        for tally in (self.batch, self.file):
            tally.count += 1
            if rdfi is None or cents is None:
                tally.sure = False
                continue
            tally.hash += rdfi
            if entry_rules.is_debit(text):
                tally.debits += cents
            else:
                tally.credits += cents
        self.all(self.in_batch(text))
        self.last_trace = text[79:94]

    def in_batch(self, text: str) -> Iterator[str]:
        """What an entry does to its batch."""
        code = text[1:3]
        if code not in entry_rules.CODES:
            yield "batch: transaction code"
        elif self.head[1:4] == ("220" if entry_rules.is_debit(text) else "225"):
            yield "batch: wrong side"
        self.kinds.add(entry_rules.is_return(text))
        if text[79:94] <= self.last_trace:
            yield "batch: trace order"
        if text[79:87] != self.head[79:87]:
            yield "batch: trace prefix"

    def seven(self, text: str) -> None:
        self.batch.count += 1
        self.file.count += 1
        if len(self.addenda) < BLOCK:  # one too many is enough to be refused
            self.addenda.append(text)

    def eight(self, text: str) -> None:
        self.batches += 1
        self.all(self.closing(text))
        if not self.refused_batch:
            self.result.kept += self.kept
            self.result.returned += self.returned

    def closing(self, text: str) -> Iterator[str]:
        if text[1:4] != self.head[1:4]:
            yield "batch: class unequal"
        if text[87:94] != self.head[87:94]:
            yield "batch: batch number"
        if len(self.kinds) > 1:
            yield "batch: mixed returns"
        if self.batch.sure and self.batch.line(text[4:44], 6) != self.batch.counted():
            yield "batch: balance"

    def nine(self, text: str) -> None:
        if entry_rules.whole(text[1:7]) != self.batches:
            self.object("file: batches")
        blocks = entry_rules.whole(text[7:13])
        if blocks != -(-self.rows // BLOCK):
            self.object("file: blocks")
        if not self.file.sure:
            return
        said, counted = self.file.line(text[13:55], 8), self.file.counted()
        names = ("count", "hash", "totals", "totals")
        for name, one, other in zip(names, said, counted, strict=True):
            if one != other:
                self.object(f"file: {name}")

    def entry_over(self) -> None:
        """The entry before, with its addenda: taken, or returned by itself."""
        if self.entry is None:
            return
        (line, text), self.entry = self.entry, None
        taken, code = self.desk.entry(line, self.head, text, self.addenda)
        if code:
            self.object(f"entry: {code}")
            self.returned.append((taken, code))
        elif self.wanted(taken):
            self.kept.append(taken)
