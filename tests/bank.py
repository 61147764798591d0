"""An exchange with its bank across the street: files go out, answers come in."""

import io
import itertools
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from botocore.exceptions import ClientError

from chalicelib.adapters.bank_line import S3BankLine
from chalicelib.domain.acknowledgement import HEADER
from chalicelib.domain.ledger import LineKind
from chalicelib.domain.paying import Frequency
from infra.offline.bank.answers import Answer
from infra.offline.bank.counter import Counter
from infra.offline.bank.judge import judge
from infra.offline.bank.outgoing import answer_file
from infra.offline.bank_desk import customer_of
from tests.domain.ach.by_hand import patched
from tests.fakes import ListQueue
from tests.monthly import Exchange, at
from tests.stores import Crash, Interrupted

OUTBOUND, SEALED = "outbound/bank/", "sealed/bank/"
THURSDAY = at(3, 10)


class MemoryS3:
    """As much of S3 as the bank's line uses; `gate` is passed before each call."""

    def __init__(self):
        self.objects = {}
        self.since, self.now = {}, THURSDAY
        self.taken_away = set()
        self.gate = lambda: None

    def put_object(self, *, Bucket, Key, Body, IfNoneMatch):  # noqa: N803 - as S3 says it
        assert (Bucket, IfNoneMatch) == ("bucket", "*")
        self.gate()
        if Key in self.objects:
            raise _error("PreconditionFailed")
        self.objects[Key] = Body
        self.since[Key] = self.now

    def get_object(self, *, Bucket, Key):  # noqa: N803
        assert Bucket == "bucket"
        self.gate()
        if Key not in self.objects:
            raise _error("NoSuchKey")
        return {"Body": _Body(self.objects[Key])}

    def list_object_versions(self, *, Bucket, Prefix):  # noqa: N803
        assert Bucket == "bucket"
        self.gate()
        found = {key: len(body) for key, body in self.objects.items() if key.startswith(Prefix)}
        files = [_version(key, "v2", Size=size) for key, size in found.items()]
        old = {key for key in self.taken_away if key.startswith(Prefix)}
        files += [_version(key, "v1", Size=9, IsLatest=False) for key in old]
        return {
            "Versions": files,
            "DeleteMarkers": [_version(key, "m1", IsLatest=key not in found) for key in old],
        }

    def delete_object(self, *, Bucket, Key, VersionId):  # noqa: N803
        assert Bucket == "bucket"
        self.gate()
        if VersionId == "v2":
            self.objects.pop(Key, None)
        else:
            self.taken_away.discard(Key)

    def head_object(self, *, Bucket, Key):  # noqa: N803
        assert Bucket == "bucket"
        self.gate()
        if Key not in self.objects:
            raise _error("404")
        return {"ContentLength": len(self.objects[Key]), "LastModified": self.since[Key]}

    def take_away(self, key):
        """Somebody deletes an object, as whoever knows no versions does."""
        del self.objects[key]
        self.taken_away.add(key)


def _version(key, version, *, IsLatest=True, **more):  # noqa: N803
    return {"Key": key, "VersionId": version, "IsLatest": IsLatest, **more}


class _Body(io.BytesIO):
    """As botocore streams an object: no more of it at a time than is asked for."""

    def iter_lines(self, _size):
        return (line.rstrip(b"\n") for line in self)

    def iter_chunks(self, size):
        return iter(lambda: self.read(size), b"")


def _error(code):
    return ClientError({"Error": {"Code": code}}, "S3")


class Bank(Exchange):
    """The real services, and a bank that judges what they send."""

    def __init__(self, store=None, *, s3=None, seen=None, **more):
        super().__init__(store, seen=seen, **more)
        self.s3 = s3 or MemoryS3()
        self.follow_ups = ListQueue()
        world = {"bank": S3BankLine(self.s3, "bucket", "bucket", self.system.vault)}
        self.system.__dict__.update(world, bank_queue=self.follow_ups)
        self.customer = customer_of(self.system.settings.originator)
        self.counter = Counter(self.customer)
        self.judged, self.has = {}, {}
        self.drops = itertools.count(1)

    # --- what members do --------------------------------------------------------------------------

    def pays(self, name="EN000001", when=THURSDAY, *, cents=42480, number="000123456789", **facts):
        """Somebody new pays once on the page; the payment id."""
        known = self.system.records.enrollments.get(name)
        enrollment = known or self.enroll(name, **{"owed_cents": cents, **facts})
        self.sign_up(enrollment, when, frequency=Frequency.ONCE, cents=cents, number=number)
        return self.payment_ids(name)[-1]

    def begins(self, name="EN000001", when=THURSDAY, *, cents=42480, number="000123456789"):
        """Somebody new pays now and sets up monthly payments; the first payment's id."""
        known = self.system.records.enrollments.get(name)
        enrollment = known or self.enroll(name, owed_cents=cents, plan_year=2027)
        self.sign_up(enrollment, when, cents=cents, number=number)
        return self.payment_ids(name)[-1]

    def payment_ids(self, name="EN000001"):
        """Payments and withdrawals, oldest first."""
        lines = self.system.records.books.lines(name)
        return [line.payment_id for line in lines if _moves(line)]

    # --- what the calendar does -------------------------------------------------------------------

    def collect(self, when):
        """The evening's collection; the bank fetches."""
        self.system.transmission_job.collect(when)
        self.fetch(when)

    def noon(self, when):
        """The same-day files of the debit day."""
        self.system.transmission_job.send_same_day(when)
        self.fetch(when)

    def fetch(self, when):
        """The bank takes what it has not seen, and nothing without a byte."""
        for key, body in self.s3.objects.items():
            if key.startswith(OUTBOUND) and body and key not in self.judged:
                self.judged[key] = self.counter.take([body], when, key.removeprefix(OUTBOUND))
                assert self.judged[key].is_clean, self.judged[key].objections
                self.has[key] = judge([body], self.customer, when).kept

    def evening(self, when):
        """20:00: what the bank said is read; what did not come back is paid, members are told."""
        self.answers(when)
        self.system.acknowledging.evening(when)
        self.system.settling.settle(when)
        self.follow_up()

    def differences(self, when):
        """What the books differ in, on demand."""
        return self.system.reconciling.differences(when)

    def prove(self, when):
        """20:00: the books prove themselves; all that this evening finds."""
        return [*self.system.reconciling.reconcile(when), *self.follow_up()]

    def follow_up(self, messages=None):
        """What waits in the bank's queue; the differences that were found."""
        found = []
        for message in self.follow_ups.take() if messages is None else messages:
            at, proving = datetime.fromisoformat(message["at"]), self.system.reconciling
            match message["kind"]:
                case "paid":
                    place = message["transmission_id"], message["batch"], at, message["start"]
                    self.system.settling.tell_paid(*place, message["only"])
                case "returns":
                    place = message["key"], message["version"], message["start"]
                    self.system.return_files.go_on(*place, at, at)
                case "routing":
                    place = message["routing"], message["after"], at
                    self.system.routing_numbers.go_on(*place, held=message["held"])
                case "prove_file":
                    found += proving.prove_file(message["transmission_id"], message["file"], at)
                case "prove_collection":
                    found += proving.prove_collection(
                        message["collection"], message["transmission_id"], at
                    )
                case "prove_report":
                    found += proving.prove_report(message["run"], message["shard"], at)
        return found

    def answers(self, until):
        """Whatever the bank has to say by then is read, each at its own time."""
        for delivery in self.counter.deliveries(until):
            self.receive(delivery.data, delivery.at)

    def receive(self, body, when, now=None):
        """A file of the bank is dropped, and read then or later."""
        key = f"inbound/bank/{next(self.drops)}.ach"
        self.system.inbound.receive(key, self.here.files.drop(key, body, when), when, now or when)
        while any(
            message["kind"] in ("returns", "routing") for message in self.follow_ups.messages
        ):
            self.follow_up()

    # --- what the bank says -----------------------------------------------------------------------

    def taken(self):
        """Every entry that the bank has, by payment id."""
        found = {}
        for each in itertools.chain(*self.has.values()):
            assert each.person_id.strip() not in found, "an entry went out twice"
            found[each.person_id.strip()] = each
        return found

    def answer(self, *codes, when, data=None, said=None, **changed):
        """A file with these answers, as (payment id, code).

        `data` is what a change corrects, `said` what the bank adds to a return.
        """
        taken = self.taken()
        answers = [
            Answer(when, code, replace(taken[payment_id], **changed)) for payment_id, code in codes
        ]
        body = answer_file(answers, self.customer, when)
        rows = body.decode().splitlines()
        if data is not None:
            rows = [patched(r, {36: f"{data:29}"}) if r.startswith("798") else r for r in rows]
        if said is not None:
            rows = [patched(r, {36: f"{said:44}"}) if r.startswith("799") else r for r in rows]
        return "".join(f"{row}\n" for row in rows).encode()

    def echoed(self, *ids, code="REJ06030"):
        """Our file as the bank sends it back: a code over the trace of what it refuses of it."""
        [body] = [
            body for key, body in self.s3.objects.items() if key.startswith(OUTBOUND) and body
        ]
        rows = body.decode().splitlines()
        return "".join(
            f"{patched(row, {80: code}) if row[0] == '6' and row[39:54].strip() in ids else row}\n"
            for row in rows
        ).encode()

    def word(self, *names, verdict="accepted", reason="", **changed):
        """What the bank says of files of ours: totals as sent, but for what is changed."""
        sent = {
            file.name: file
            for each in self.system.records.transmissions.all()
            for file in each.files
        }
        rows = [HEADER.decode()]
        for name in names or self.files:
            file = sent.get(name)
            totals = {
                field: changed.get(field, getattr(file, field, 0))
                for field in ("entries", "debit_cents", "credit_cents")
            }
            rows.append(",".join([name, verdict, *map(str, totals.values()), reason]))
        return "".join(f"{row}\n" for row in rows).encode()

    # --- what is there now ------------------------------------------------------------------------

    @property
    def lying(self):
        """The names of the files whose plain copies still lie there."""
        keys = [key for key, body in self.s3.objects.items() if body and key.startswith(OUTBOUND)]
        return [key.removeprefix(OUTBOUND) for key in keys]

    @property
    def files(self):
        """The names of the files that were put out for the bank, oldest first."""
        judged = [key.removeprefix(OUTBOUND) for key in self.judged]
        return list(dict.fromkeys([*judged, *self.lying]))

    def transmission(self, name):
        """One transmission, by its day."""
        return self.system.records.transmissions.get(f"collection#{name}")

    def state(self, payment_id, name="EN000001"):
        """How far a payment is, as the member is told."""
        lines = self.system.records.books.lines(name)
        return str(self.system.tracking.states(lines)[payment_id])

    def owed(self, name="EN000001"):
        """In cents."""
        return self.standing(name, THURSDAY).owed_cents

    def kept(self):
        """All that is kept, to be compared."""
        return self.here.kept()


def _moves(line):
    return line.kind in (LineKind.PAYMENT, LineKind.WITHDRAWAL) and line.payment_id


def walked(prepare, act, look, least=10):
    """Dies before each call to the tables and to S3, and runs again; `look` says what must hold."""
    for n in range(1, 400):
        bank = Bank()
        prepare(bank)
        seen = Interrupted(bank.store, n)
        bank.s3.gate = lambda seen=seen: seen._pass(True)
        with suppress(Crash):
            act(Bank(bank.store, s3=bank.s3, seen=seen, queue=bank.queue))
        died = seen.left <= 0
        bank.s3.gate = lambda: None
        look(bank, Bank(bank.store, s3=bank.s3, queue=bank.queue))
        if not died:
            assert n > least, "there were calls to die before"
            return
    raise AssertionError("the job never ended")
