"""Watches the whole suite: which function makes which call, against its policy, both ways.

What a function may not do is refused at once, wherever it acts. What a policy grants and no test
ever used is told at the end of a whole run (`make test`), and fails it.
"""

import json
import os
from collections import defaultdict
from functools import wraps
from pathlib import Path

import app
from chalicelib import bootstrap
from chalicelib.domain.run import RunKind
from chalicelib.services.enrollment.feeds import FeedImport
from chalicelib.services.mail.mailing import Mailing
from chalicelib.services.monthly.running import Running
from chalicelib.services.origination.acknowledging import Acknowledging
from chalicelib.services.origination.inbound import Inbound
from chalicelib.services.origination.transmitting import TransmissionJob
from chalicelib.services.quarantine.unread import Retelling
from chalicelib.services.reconciliation.reconciling import Reconciling
from chalicelib.services.reconciliation.return_rates import ReturnRates
from chalicelib.services.returns.return_files import ReturnFiles
from chalicelib.services.returns.routing_numbers import RoutingNumbers
from chalicelib.services.settlement.settling import Settling
from infra.offline.memory_store import MemoryStore
from infra.rights.acting import RECORDER
from infra.rights.calls import of_read, of_write
from infra.rights.platform import functions, implied
from infra.rights.right import Right, granted

RECORD = "RIGHTS"  # names the file to write what was seen to; policies then count for nothing
RUNS = {
    RunKind.BILLING: "bill",
    RunKind.NOTICE: "notify",
    RunKind.REMINDER: "remind",
    RunKind.WITHDRAWAL: "withdraw",
}
# Where a test calls a use case as a door would, the function behind the door acts.
DOORS = {
    (FeedImport, "receive"): "import_feed",
    (FeedImport, "read_part"): "import_rows",
    (Inbound, "receive"): "read_bank_file",
    (Mailing, "send"): "send_mail",
    (Mailing, "came_back"): "mail_event",
    (Mailing, "sweep"): "sweep",
    (Running, "work"): "work_shard",
    (Running, "watch"): "watch",
    (TransmissionJob, "collect"): "collect",
    (TransmissionJob, "send_same_day"): "send_same_day",
    (TransmissionJob, "resume"): "send_again",
    (Retelling, "tell_again"): "tell_again",
    (Acknowledging, "evening"): "settle",
    (Settling, "settle"): "settle",
    (Reconciling, "reconcile"): "settle",
    (ReturnRates, "watch"): "settle",
    (Settling, "tell_paid"): "follow_up",
    (ReturnFiles, "go_on"): "follow_up",
    (RoutingNumbers, "go_on"): "follow_up",
    (Reconciling, "prove_file"): "follow_up",
    (Reconciling, "prove_collection"): "follow_up",
    (Reconciling, "prove_report"): "follow_up",
}


def start():
    """From now on everything is seen."""
    RECORDER.enforces = RECORD not in os.environ
    RECORDER.on_start.append(forget_keys)
    for (service, method), function in DOORS.items():
        setattr(service, method, _as_function(getattr(service, method), lambda *_, f=function: f))
    Running.start = _as_function(Running.start, lambda _, kind, *__: RUNS[kind])
    _watch_memory()


def forget_keys():
    """A function has a process of its own, which knows no key yet."""
    for system in bootstrap._adopted:
        for known in vars(system.__dict__.get("vault", system)).values():
            if hasattr(known, "cache_clear"):
                known.cache_clear()


def _as_function(method, name):
    @wraps(method)
    def acting(*given, **named):
        with RECORDER.acting(name(*given)):
            return method(*given, **named)

    return acting


def _watch_memory():
    """The memory store's calls, as the rights that they become on DynamoDB."""

    def watched(method, rights):
        @wraps(method)
        def call(store, *given, **named):
            RECORDER.note(rights(*given))
            return method(store, *given, **named)

        return call

    reads = {"get": "GetItem", "get_many": "BatchGetItem", "query": "Query"}
    for method, action in reads.items():
        read = watched(getattr(MemoryStore, method), lambda t, *_, a=action: [of_read(a, t)])
        setattr(MemoryStore, method, read)
    MemoryStore.write = watched(MemoryStore.write, lambda *ws: [of_write(write) for write in ws])


# --- what all workers saw -----------------------------------------------------------------------


def seen():
    """What this process saw, in plain words."""
    return {
        f: sorted([r.action, r.resource] for r in done) for f, done in RECORDER.recorded.items()
    }


def merged(recordings):
    """What several processes saw."""
    whole = defaultdict(set)
    for recording in recordings:
        for function, rights in recording.items():
            whole[function] |= {Right(*each) for each in rights}
    return whole


def lists(done, may=granted):
    """Used and not allowed, allowed and not used: (function, right) each."""
    missing, idle = [], []
    for function in functions(app.app):
        needed = done.get(function, set()) | set(implied(app.app, function, done.get(function, ())))
        missing += [(function, right) for right in sorted(needed - may(function))]
        idle += [(function, right) for right in sorted(may(function) - needed)]
    return missing, idle


def report(recordings, write, whole):
    """Prints both lists; False where one is not empty that should be."""
    done = merged(recordings)
    if RECORD in os.environ:
        said = {f: sorted([r.action, r.resource] for r in rights) for f, rights in done.items()}
        Path(os.environ[RECORD]).write_text(json.dumps(said), encoding="utf-8")
        write(f"rights: recorded for {len(said)} functions")
        return True
    missing, idle = lists(done)
    if not whole:  # a few tests use a few rights
        missing, idle = [each for each in missing if each[1] in done.get(each[0], ())], []
    if whole or missing:
        write(f"rights: {len(missing)} used and not allowed, {len(idle)} allowed and not used")
    for title, found in (("not allowed", missing), ("not used", idle)):
        for function, right in found:
            write(f"  {title}: {function}: {right}")
    return not missing and not idle
