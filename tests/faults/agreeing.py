"""What stands in the tables, at the bank and in the mail, held against the model when all rests."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.faults.model import Model
from tests.faults.model_books import Books, same_number
from tests.faults.world import READERS, World

PLAIN = ("opening", "charge", "uncharge", "payment", "refund", "adjustment")
FIGURES = {
    **dict.fromkeys(("notice", "withdrawal", "excluded", "paid", "retry", "refund"), "cents"),
    **dict.fromkeys(("cancelled", "replaced"), "still_cents"),
    **dict.fromkeys(("undone", "ended_debt"), "cents"),
    "confirmation": "total_cents",
    **dict.fromkeys(("coverage_ended", "coverage_back"), "owed_cents"),
    "smaller": "cents",
}
"""What of a mail's facts the model knows."""
SWEPT = ("coverage_ended", "coverage_back", "smaller")
REMINDER = "reminder"  # the model knows no reminders: nothing else follows from one
UNMODELLED = ("collection", REMINDER)
CASES = ("phone_member#", "excluded#", "refund#")


def rests(world: World) -> bool:
    """Whether no message waits anywhere."""
    return not any(world.state.queues[name] for name in READERS)


def disagreements(world: World, model: Model) -> list[str]:
    """A line for whatever is not as the model says."""
    found: list[str] = []
    for what, here, there in _pairs(world, model):
        for key in sorted({*here, *there}, key=str):
            one, other = here.get(key), there.get(key)
            if one != other:
                found.append(f"model: {what} {key}: {one}, not {other}")
    return found


def _pairs(world: World, model: Model) -> Iterator[tuple[str, dict[Any, Any], dict[Any, Any]]]:
    """What stands, and what should."""
    each = model.books.values()
    yield (
        "line",
        _lines(world),
        {(b.name, name): what for b in each for name, what in b.lines.items()},
    )
    yield "mandate", _mandates(world), {m.name: _mandate(b, m) for b in each for m in b.mandates}
    announced = {
        (b.name, month): (t.cents, t.how) for b in each for month, t in b.announced.items()
    }
    yield "told", _told(world), announced
    yield "state of", _states(world), _states_of(model)
    yield "entry", _entries(world), _entries_of(model)
    yield "mail", _mails(world), {key: (n, n) for key, n in model.mails.items() if n}
    yield "case", _cases(world), model.cases
    yield "run", _runs(world), _runs_of(model)
    yield "freeze", _freezes(world), dict.fromkeys(model.frozen, True)


def _rows(world: World, table: str) -> list[dict[str, Any]]:
    return list(world.state.store.items[table].values())


def _lines(world: World) -> dict[Any, Any]:
    found = {}
    for row in _rows(world, "ledger"):
        detail = row.get("verdict") or (None if row["kind"] in PLAIN else row.get("reason"))
        detail = row["reason"] if detail == "excluded" else detail
        found[row["enrollment_id"], row["line"]] = row["amount_cents"], detail
    return found


def _mandates(world: World) -> dict[str, Any]:
    rows = _rows(world, "mandates")
    live = [each for row in rows for each in row.get("standing", ())]
    past = [row for row in rows if row["mandate"].startswith("was#")]
    return {row["mandate_id"]: _said(row, row in past) for row in (*past, *live)}


def _said(row: dict[str, Any], is_past: bool) -> tuple[Any, ...]:
    names = ("enrollment_id", "from_month", "through_month", "end_reason", "undo_before")
    return (
        *(row.get(name) for name in names),
        bool(row.get("held")),
        is_past,
        row["account"]["last4"],
    )


def _mandate(books: Books, mandate: Any) -> tuple[Any, ...]:
    said = books.name, mandate.from_month, mandate.through, mandate.why, mandate.undo_before
    return *said, mandate.held, mandate.is_past, mandate.account[-4:]


def _told(world: World) -> dict[Any, Any]:
    rows = [row for row in _rows(world, "mandates") if row["mandate"].startswith("announced#")]
    return {(row["enrollment_id"], row["month"]): (row["cents"], row["how"]) for row in rows}


def _states(world: World) -> dict[str, str]:
    """By payment, from the transmission that took it and from what came back (rule 17)."""
    transmissions = _rows(world, "transmissions")
    by_name = {row["transmission_id"]: row for row in transmissions if "batches" in row}
    took = {
        (row["group"], row["name"]): row["transmission_id"]
        for row in transmissions
        if "transmission_id" in row
    }
    lines = _rows(world, "ledger")
    back = {row["payment_id"] for row in lines if row["kind"] == "return"}
    back |= {row["of_payment"] for row in lines if row["kind"] == "adjustment"}
    found = {}
    for row in lines:
        if not (row.get("collection") and row["amount_cents"]):
            continue
        kind, period, part = row["collection"].split("#")
        where = (kind, period) if kind == "web" else (f"{kind}#{period}", part)
        transmission = by_name.get(took.get(where, ""))
        state = (
            "received" if not transmission else "paid" if transmission.get("settled_at") else "sent"
        )
        found[row["payment_id"]] = "not_paid" if row["payment_id"] in back else state
    return found


def _states_of(model: Model) -> dict[str, str]:
    money = [each for books in model.books.values() for each in books.money.values()]
    return {each.name: each.state for each in money if each.cents}


def _entries(world: World) -> dict[str, Any]:
    return {
        each.person_id.strip(): (each.cents, same_number(each.account.strip()), each.settles_on)
        for each in world.taken()
    }


def _entries_of(model: Model) -> dict[str, Any]:
    money = [each for books in model.books.values() for each in books.money.values()]
    return {e.name: (e.cents, same_number(e.account), e.settles_on) for e in money if e.settles_on}


def _mails(world: World) -> dict[Any, Any]:
    """By kind, enrollment and what it says in cents: how many are promised, and how often one went.

    What an import promises waits for the sweeper: it may be on its way.
    """
    went = Counter(mail[0] for mail in world.state.sent)
    promised, sent = Counter[tuple[Any, ...]](), Counter[tuple[Any, ...]]()
    for row in _rows(world, "outbox"):
        if "state" in row and row["kind"] != REMINDER:
            key = row["kind"], row["enrollment_id"], _figure(row["kind"], row["facts"])
            waits = row["kind"] in SWEPT and row["state"] == "pending"
            promised[key] += 1
            sent[key] += went[row["mail_id"]] + waits
    return {key: (n, sent[key]) for key, n in promised.items()}


def _figure(kind: str, facts: dict[str, Any]) -> Any:
    if kind in ("not_paid", "account_refused"):
        return facts["owed_cents"], facts["will_take_cents"]
    return facts[FIGURES[kind]] if kind in FIGURES else None


def _cases(world: World) -> dict[str, str]:
    keys = [key for key in world.state.store.items["cases"] if key[1].startswith(CASES)]
    return {key[1]: key[0] for key in keys}


def _runs(world: World) -> dict[str, Any]:
    rows = [row for row in _rows(world, "runs") if "#" in row["run_id"] and row["run_id"][0] != "#"]
    counts = dict[str, Counter[str]]()
    for row in rows:
        counts.setdefault(row["run_id"], Counter()).update(row.get("counts", {}))
    heads = [row for row in rows if row["part"] == "#header" and row["kind"] not in UNMODELLED]
    return {
        row["run_id"]: (row["state"], *_counted(row["kind"], counts[row["run_id"]]))
        for row in heads
    }


def _runs_of(model: Model) -> dict[str, Any]:
    return {name: (run.state, *_counted(run.kind, run.counts)) for name, run in model.runs.items()}


def _counted(kind: str, counts: Counter[str]) -> tuple[int, ...]:
    if kind == "billing":
        return ()
    return counts["claimed"], counts["skipped"], counts["excluded"]


def _freezes(world: World) -> dict[str, bool]:
    keys = world.state.store.items["mandates"]
    return {
        str(key[0]).partition("#")[2]: True for key in keys if str(key[0]).startswith("freeze#")
    }
