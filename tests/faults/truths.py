"""What must always be true (design.md 8), read from outside: from rows, bytes and mails.

Nothing here asks a service: the files are read by the bank's own reader, the sums are made anew.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from chalicelib.domain.timetable import COLLECTION, NEW_YORK
from tests.faults.state import State
from tests.faults.world import OUTBOUND

Rows = dict[tuple[Any, ...], dict[str, Any]]
MOVES = ("payment", "withdrawal", "refund")
CHARGES = ("charge", "uncharge")
SECRETS = re.compile(r"\b41281\d{4}\b|412-81-\d{4}|000123456789|000987654321|\b99000\d{3}\b")
MAY_HAVE_SECRETS = ("inbound/", OUTBOUND)
TRANSIENT = {"sealed", "sending", "sent"}
SOME_DAYS = timedelta(days=3)  # after its date a file is sent, and the bank has said so


def broken(state: State, before: State) -> list[str]:
    """Everything that is not as it must be, in a line each, beginning with the invariant."""
    return [f"{name}: {what}" for name, truth in TRUTHS for what in truth(state, before)]


def broken_since(state: State, before: State) -> list[str]:
    """The same, where all that stood before was looked through for secrets then."""
    every = {truth: name for name, truth in TRUTHS if truth is not no_secret_is_in_clear}
    every[no_new_secret_is_in_clear] = "I23"
    return [f"{name}: {what}" for truth, name in every.items() for what in truth(state, before)]


def broken_now(state: State, before: State) -> list[str]:
    """The same, of what holds at every moment and not only when the month is over."""
    now = [each for each in TRUTHS if each[1] in AT_EVERY_MOMENT]
    now.append(("I23", no_new_secret_is_in_clear))
    return [f"{name}: {what}" for name, truth in now for what in truth(state, before)]


def _rows(state: State, table: str) -> list[dict[str, Any]]:
    return list(state.store.items[table].values())


def _claims(state: State) -> dict[str, int]:
    """Cents of everything that the ledger says moves, by id."""
    found = {}
    for row in _rows(state, "ledger"):
        if row["kind"] in MOVES and row.get("collection") and row["amount_cents"]:
            found[row["payment_id"]] = abs(row["amount_cents"])
    return found


def one_withdrawal_a_month(state: State, _: State) -> Iterator[str]:
    claimed: Counter[tuple[str, str]] = Counter()
    for row in _rows(state, "ledger"):
        if row["kind"] == "withdrawal" and row.get("verdict") == "claimed":
            claimed[row["enrollment_id"], row["month"]] += 1
    yield from (f"{key} taken {n} times" for key, n in claimed.items() if n > 1)


def a_claim_is_in_one_entry(state: State, _: State) -> Iterator[str]:
    """Whoever is left out, or sealed and refused, has a case; whatever waits has no file."""
    claims = _claims(state)
    went = [entry for kept in state.has.values() for entry in kept]
    counts = Counter(entry.person_id.strip() for entry in went)
    yield from (f"{name} went out {n} times" for name, n in counts.items() if n > 1)
    for entry in went:
        name = entry.person_id.strip()
        if entry.cents and claims.get(name) != entry.cents:
            yield f"{name} went out with {entry.cents}, the ledger says {claims.get(name)}"
    refused = {row["payment_id"] for row in _rows(state, "ledger") if row["kind"] == "return"}
    sealed = {batch["collection"] for each in _transmissions(state) for batch in each["batches"]}
    for row in _rows(state, "ledger"):
        name = row.get("payment_id")
        is_sealed = name in claims and row.get("collection") in sealed
        if is_sealed and name not in counts and name not in refused:
            yield f"{name} is sealed and in no file"


def nothing_waits_for_a_file(state: State, _: State) -> Iterator[str]:
    """Every claim whose evening is past is sealed; of a run, at once."""
    sealed = {batch["collection"] for each in _transmissions(state) for batch in each["batches"]}
    for row in _rows(state, "ledger"):
        moves = row["kind"] in MOVES and row.get("collection") and row["amount_cents"]
        if moves and row["collection"] not in sealed and not still_ahead(row["collection"], state):
            yield f"{row['payment_id']} waits in {row['collection']}"


def still_ahead(collection: str, state: State) -> bool:
    """Whether its evening is to come: who pays on a Saturday is collected on Monday."""
    kind, day, _ = collection.split("#")
    return kind == "web" and state.now < COLLECTION.on(date.fromisoformat(day))


def the_bank_objects_to_nothing(state: State, _: State) -> Iterator[str]:
    yield from (f"{key}: {whys}" for key, whys in state.objections.items() if whys)


def a_line_stays(state: State, before: State) -> Iterator[str]:
    now, then = state.store.items["ledger"], before.store.items["ledger"]
    yield from (f"{key} changed" for key, row in then.items() if now.get(key) != row)


def counts_are_the_ledgers(state: State, _: State) -> Iterator[str]:
    """Of each closed run: every shard reported once, and what it counted is what stands."""
    rows = _rows(state, "runs")
    for run in [row for row in rows if row["part"] == "#header"]:
        shards = [
            row for row in rows if row["run_id"] == run["run_id"] and row["part"] != "#header"
        ]
        shards = [row for row in shards if row["part"].startswith("shard#")]
        total: Counter[str] = Counter()
        for row in shards:
            total.update(row["counts"])
        if run["state"] != "closed":
            yield f"{run['run_id']} is {run['state']}"
        if len([row for row in shards if row.get("reported")]) != run["shards"]:
            yield f"{run['run_id']}: {len(shards)} shards reported"
        if total["claimed"] + total["skipped"] + total["excluded"] != total["active"]:
            yield f"{run['run_id']}: {dict(total)} do not add up"
        stands = _stands(state, run)
        if stands is not None:
            said = {name: total[name] for name in stands}
            if said != stands:
                yield f"{run['run_id']}: counted {said}, there are {stands}"


def _stands(state: State, run: dict[str, Any]) -> dict[str, int] | None:
    lines = _rows(state, "ledger")
    if run["kind"] == "withdrawal":
        its = [
            row for row in lines if row["kind"] == "withdrawal" and row["month"] == run["period"]
        ]
        verdicts = Counter(row["verdict"] for row in its)
        cents = -sum(row["amount_cents"] for row in its)
        counted = {name: verdicts[name] for name in ("claimed", "skipped", "excluded")}
        return {**counted, "cents": cents}
    if run["kind"] == "billing":
        # An import may charge, too: what the run did has the run's own instant.
        its = [row for row in lines if row["kind"] in CHARGES and row["at"] == run["started_at"]]
        return {"claimed": len({row["enrollment_id"] for row in its})}
    if run["kind"] == "collection":
        [transmission] = [
            each for each in _transmissions(state) if each["transmission_id"] == run["run_id"]
        ]
        batches = transmission["batches"]
        return {"claimed": sum(batch["entries"] for batch in batches)}
    return None


def a_return_is_booked_once(state: State, _: State) -> Iterator[str]:
    lines = _rows(state, "ledger")
    moved = {row.get("payment_id") for row in lines if row["kind"] in MOVES}
    back = Counter(row["payment_id"] for row in lines if row["kind"] == "return")
    yield from (f"{name} came back {n} times" for name, n in back.items() if n > 1)
    yield from (f"{name} came back and never went" for name in back if name not in moved)


def a_file_is_written_once(state: State, before: State) -> Iterator[str]:
    """An object without a byte only holds a place (decision 0030)."""
    for key, versions in state.objects.items():
        if not key.startswith(("sealed/", OUTBOUND)):
            continue
        written = [body for body, _ in versions.values() if body]
        if len(written) > 1:
            yield f"{key} was written {len(written)} times"
        if key.startswith("sealed/") and before.objects.get(key, versions) != versions:
            yield f"{key} changed"


def a_mail_tells_what_stands(state: State, _: State) -> Iterator[str]:
    promised = {row["mail_id"]: row for row in _rows(state, "outbox") if "state" in row}
    for mail_id, to, _kind, _text in state.sent:
        if mail_id not in promised:
            yield f"{mail_id} to {to} was never promised"


def nothing_stays_in_passing(state: State, _: State) -> Iterator[str]:
    for row in _rows(state, "outbox"):
        if row["day"].startswith("pending") or row.get("state") == "pending":
            yield f"mail {row['mail_id']} waits"
    yield from (f"message in {name}: {m.body}" for name, q in state.queues.items() for m in q)
    yield from (f"dead: {queue} {body[:90]}" for queue, body in state.dead)
    some_days_ago = (state.now.astimezone(NEW_YORK).date() - SOME_DAYS).isoformat()
    for transmission in _transmissions(state):
        passing = transmission["state"] in TRANSIENT and transmission.get("files")
        if passing and transmission["effective_on"] < some_days_ago:
            yield f"{transmission['transmission_id']} is {transmission['state']}"


def a_change_leaves_a_line(state: State, _: State) -> Iterator[str]:
    """Each version of an enrollment's mandates has its audit line."""
    lines = Counter(row["subject"] for row in _rows(state, "audit"))
    for row in _rows(state, "mandates"):
        is_live = row["mandate"].startswith("live#")
        if is_live and lines[f"mandates#{row['enrollment_id']}"] < row["version"]:
            yield f"{row['enrollment_id']}: version {row['version']}, too few lines"


def no_secret_is_in_clear(state: State, _: State) -> Iterator[str]:
    yield from _secrets(state, State(state.now))


def no_new_secret_is_in_clear(state: State, before: State) -> Iterator[str]:
    """In what came since: nothing is changed in place."""
    yield from _secrets(state, before)


def _secrets(state: State, since: State) -> Iterator[str]:
    for table, rows in state.store.items.items():
        known = since.store.items.get(table, {})
        for key, row in rows.items():
            if known.get(key) is not row and SECRETS.search(f"{key} {row}"):
                yield f"{table} {key}"
    for mail in state.sent[len(since.sent) :]:
        if SECRETS.search(str(mail)):
            yield f"mail {mail[0]}"
    for key, versions in state.objects.items():
        if since.objects.get(key) is versions:
            continue
        bodies = b" ".join(body for body, _ in versions.values()).decode("latin-1")
        if SECRETS.search(key) or (not key.startswith(MAY_HAVE_SECRETS) and SECRETS.search(bodies)):
            yield f"object {key}"
    yield from (f"dead letter {body[:60]}" for _, body in state.dead if SECRETS.search(body))


def _transmissions(state: State) -> list[dict[str, Any]]:
    return [row for row in _rows(state, "transmissions") if "batches" in row]


TRUTHS: list[tuple[str, Callable[[State, State], Iterator[str]]]] = [
    ("I1", one_withdrawal_a_month),
    ("I2", a_claim_is_in_one_entry),
    ("I2", nothing_waits_for_a_file),
    ("I3", the_bank_objects_to_nothing),
    ("I5", a_line_stays),
    ("I14", counts_are_the_ledgers),
    ("I16", a_file_is_written_once),
    ("I18", a_return_is_booked_once),
    ("I19", a_mail_tells_what_stands),
    ("I20", nothing_stays_in_passing),
    ("I22", a_change_leaves_a_line),
    ("I23", no_secret_is_in_clear),
]

AT_EVERY_MOMENT = frozenset(
    {
        *(one_withdrawal_a_month, a_claim_is_in_one_entry, the_bank_objects_to_nothing),
        *(a_line_stays, a_file_is_written_once, a_return_is_booked_once),
        *(a_mail_tells_what_stands, a_change_leaves_a_line),
    }
)
"""The others hold when the queues rest and the month is over; I23 is asked of what is new."""
