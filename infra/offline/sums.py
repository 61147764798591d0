"""A month added up in several ways: by its runs, in the ledger, in the mails, in what follows."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.domain.case import CaseKind
from chalicelib.domain.enrollment import SLOTS
from chalicelib.domain.entry import MOVES_NOTHING, run_collections
from chalicelib.domain.ledger import OF_A_MONTH, Line, LineKind
from chalicelib.domain.mail import mail_id_of
from chalicelib.domain.run import Counts, Run, RunKind, RunState
from chalicelib.domain.transmission import Transmission
from chalicelib.domain.withdrawal import Verdict
from chalicelib.repositories.books import HEADER
from infra.offline import mailbox
from infra.offline.clock import VirtualClock
from infra.offline.engine import Call, Engine

if TYPE_CHECKING:
    from infra.offline.world import World

DOLLARS = re.compile(r"\$([\d,]+)\.(\d\d)")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, said by several; they must all say the same."""

    what: str
    said: Mapping[str, int]
    is_money: bool = False

    @property
    def agrees(self) -> bool:
        """Whether nobody says anything else."""
        return len(set(self.said.values())) == 1


@dataclass
class Post:
    """Counts what leaves by mail, kind by kind, as its readers would: from subject lines."""

    engine: Engine
    clock: VirtualClock
    subjects: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine.on_call(after=self._notice)

    def count(self, kind: str) -> int:
        """How many of a kind were sent."""
        return len(self.subjects.get(kind, ()))

    def cents(self, kind: str) -> int:
        """The amounts their subjects name; one that names none says 0."""
        return sum(_cents(subject) for subject in self.subjects.get(kind, ()))

    def _notice(self, call: Call) -> None:
        if call.operation != "SendEmail":
            return
        tags = {tag["Name"]: tag["Value"] for tag in json.loads(call.body)["EmailTags"]}
        kind = mail_id_of(tags["mail_id"]).partition(".")[0]
        sent = mailbox.opened(call.body, self.clock.now())
        self.subjects.setdefault(kind, []).extend(each.subject for each in sent)


def rows(world: "World", post: Post, month: str, announced_cents: int) -> list[Row]:
    """All figures of a month; `told_cents` is what the mandates said was told after the notices."""
    runs = [run for run in world.system.records.runs.all() if run.period == month]
    lines = [line for lines in ledgers(world).values() for line in lines]
    return [
        *_billed(world, runs, lines),
        *_announced(world, runs, post, announced_cents),
        *_withdrawn(world, runs, lines, post, month),
        *_banked(world, lines, post),
        Row("Runs", {"run": len(runs), "closed": sum(r.state is RunState.CLOSED for r in runs)}),
    ]


def ledgers(world: "World") -> dict[str, Sequence[Line]]:
    """The books of everybody."""
    system = world.system
    found = (each for slot in range(SLOTS) for each in system.records.enrollments.in_slot(slot))
    return {enrollment_id: system.records.books.lines(enrollment_id) for enrollment_id in found}


def _billed(world: "World", runs: Iterable[Run], lines: Iterable[Line]) -> list[Row]:
    mine = [run for run in runs if run.kind is RunKind.BILLING]
    counts, started = _counts(world, mine), {run.started_at for run in mine}
    posted = [line for line in lines if line.kind in OF_A_MONTH and line.at in started]
    cents = sum(line.amount_cents for line in posted)
    charged = len({line.enrollment_id for line in posted})
    return [
        Row("Charged", {"run": counts.cents, "ledger": cents}, is_money=True),
        Row("Charged, people", {"run": counts.claimed, "ledger": charged}),
        Row(
            "Billed, people",
            {"run": counts.active, "ledger": len({x.enrollment_id for x in lines})},
        ),
    ]


def _announced(world: "World", runs: Iterable[Run], post: Post, announced_cents: int) -> list[Row]:
    counts = _counts(world, [run for run in runs if run.kind is RunKind.NOTICE])
    money = {"run": counts.cents, "told": announced_cents, "mails": post.cents("notice")}
    return [
        Row("Announced", money, is_money=True),
        Row("Told, people", {"run": counts.claimed, "mails": post.count("notice")}),
    ]


def _withdrawn(
    world: "World", runs: Iterable[Run], lines: Iterable[Line], post: Post, month: str
) -> list[Row]:
    debits = [run for run in runs if run.kind is RunKind.WITHDRAWAL]
    counts = _counts(world, debits)
    mine = [line for line in lines if line.line == f"withdrawal#{month}"]
    by_verdict = Counter(line.verdict for line in mine)
    entries = _entries(world, debits)
    cases = sum(case.kind is CaseKind.EXCLUDED for case in world.system.records.cases.open())
    money = {
        "run": counts.cents,
        "ledger": -sum(line.amount_cents for line in mine),
        "mails": post.cents("withdrawal"),
        "entries": sum(entries),
    }
    excluded = {"run": counts.excluded, "ledger": by_verdict[Verdict.EXCLUDED]}
    return [
        Row("Withdrawn", money, is_money=True),
        Row(
            "Claimed",
            {
                "run": counts.claimed,
                "ledger": by_verdict[Verdict.CLAIMED],
                "mails": post.count("withdrawal"),
                "entries": len(entries),
            },
        ),
        Row("Skipped", {"run": counts.skipped, "ledger": by_verdict[Verdict.SKIPPED]}),
        Row("Excluded", {**excluded, "mails": post.count("excluded"), "cases": cases}),
        Row("Active", {"run": counts.active, "ledger": len(mine)}),
    ]


def _banked(world: "World", lines: Sequence[Line], post: Post) -> list[Row]:
    """By the month's end all that was asked for is at the bank, and is paid or came back."""
    asked = [
        line
        for line in lines
        if line.kind in (LineKind.PAYMENT, LineKind.WITHDRAWAL) and line.payment_id
    ]
    back = [line for line in lines if line.kind is LineKind.RETURN]
    transmissions = world.system.records.transmissions.all()
    desk = world.pump.bank
    assert desk, "the offline world has a bank"
    judged = list(desk.judgements.values())
    taken = [judgement for judgement in judged if judgement.is_clean]
    cents = {
        "ledger": -sum(line.amount_cents for line in asked),
        "files": sum(transmission.debit_cents for transmission in transmissions),
        "bank": sum(judgement.debit_cents for judgement in taken),
    }
    entries = {
        "ledger": len(asked) + prenotes(world, transmissions),
        "files": sum(transmission.entries for transmission in transmissions),
        "bank": sum(judgement.entries for judgement in taken),
    }
    found = world.system.reconciling.differences(world.clock.now())
    left_out = sum(len(transmission.left_out) for transmission in transmissions)
    return [
        Row("Sent to the bank", cents, is_money=True),
        Row("Entries sent", entries),
        Row(
            "Files", {"files": sum(len(each.files) for each in transmissions), "clean": len(taken)}
        ),
        Row("Paid", {"ledger": len(asked) - len(back), "mails": post.count("paid")}),
        Row("Not paid", {"ledger": len(back), "mails": post.count("not_paid")}),
        Row("Differences", {"ledger": len(found), "left out": left_out}),  # and nothing else
    ]


def prenotes(world: "World", transmissions: Iterable[Transmission]) -> int:
    """Entries that move nothing: no line of a ledger stands for them."""
    sent = (
        entry
        for transmission in transmissions
        for batch in transmission.batches
        for entry in world.system.records.books.entries(batch.collection, batch.kind)
        if entry.payment_id not in transmission.left_out_ids
    )
    return sum(entry.kind in MOVES_NOTHING for entry in sent)


def _counts(world: "World", runs: Iterable[Run]) -> Counts:
    return sum((world.system.running.counts(run.run_id) for run in runs), Counts())


def _entries(world: "World", runs: Iterable[Run]) -> list[int]:
    """Cents of each entry that these runs left for the bank."""
    parts = [part for run in runs for part in run_collections(run)]
    found = (row for part in parts for row in world.system.store.query("entries", part))
    return [row["amount_cents"] for row in found if row["entry"] != HEADER]


def _cents(subject: str) -> int:
    found = DOLLARS.search(subject)
    return int(found[1].replace(",", "")) * 100 + int(found[2]) if found else 0
