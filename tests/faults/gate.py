"""Every call that leaves our process passes one gate: there it is counted, and there it fails.

Around the gate stand the neighbours: tables, queues, S3, the mail service, KMS. They keep what they
were given in a `State`, which outlives any process.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.domain.identification import Ssn
from chalicelib.domain.purposes import PURPOSES, Kind
from chalicelib.store import ConditionFailed
from tests.bank import _Body, _error
from tests.fakes import PlainVault
from tests.stores import Crash


class Fault(StrEnum):
    """How one call may go wrong."""

    DIES_BEFORE = "dies_before"  # the process is gone; nobody heard of the call
    DIES_AFTER = "dies_after"  # it was done; the process is gone
    ERROR_BEFORE = "error_before"  # a 500: nothing was done
    ANSWER_LOST = "answer_lost"  # it was done; the connection broke
    REFUSED_AGAIN = "refused_again"  # done, the answer lost, tried again: its own first try refuses
    THROTTLED = "throttled"  # too fast, also at the last try


BEFORE = (Fault.DIES_BEFORE, Fault.ERROR_BEFORE, Fault.THROTTLED)
AFTER = (Fault.DIES_AFTER, Fault.ANSWER_LOST, Fault.REFUSED_AGAIN)
READS = BEFORE
"""What is lost after a read is as what was never read."""

SLOW = {"s3": "SlowDown", "ses": "TooManyRequestsException", "kms": "ThrottlingException"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call that left."""

    neighbour: str  # mail, work, bank, feed, ses, s3, kms, or the tables it touches
    what: str
    changes: bool
    found: bool = True

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The ways in which it may fail that differ in what they leave behind."""
        return tuple(Fault) if self.changes else READS


class Gate:
    """Closed, it lets everything through unseen."""

    def __init__(self) -> None:
        self.counts = False
        self.calls: list[Call] = []
        self.plans: list[tuple[int, Fault]] = []
        self.struck: list[tuple[Call, Fault]] = []
        self.is_down: Callable[[str], bool] | None = None
        self.refused = 0  # calls that a neighbour which was down did not take

    def pass_(
        self,
        neighbour: str,
        what: str,
        act: Callable[[], Any],
        again: Callable[[], Any] | None = None,
    ) -> Any:
        """Does it, and whatever goes wrong with it; `again` is what botocore's second try does."""
        if self.is_down and any(self.is_down(name) for name in neighbour.split("+")):
            self.refused += 1
            raise _slow(neighbour)
        if not self.counts:
            return act()
        changes = again is not None
        n = len(self.calls) + 1
        for place, fault in self.plans:
            if place == n:
                self.calls.append(Call(neighbour, what, changes))
                self.struck.append((self.calls[-1], fault))
                return self._fail(fault, neighbour, act, again or act)
        try:
            answer = act()
        except BaseException:
            self.calls.append(Call(neighbour, what, changes))
            raise
        self.calls.append(Call(neighbour, what, changes, bool(answer) or changes))
        return answer

    def _fail(
        self, fault: Fault, neighbour: str, act: Callable[[], Any], again: Callable[[], Any]
    ) -> Any:
        if fault is Fault.DIES_BEFORE:
            raise Crash
        if fault is Fault.ERROR_BEFORE:
            raise ClientError({"Error": {"Code": "InternalServerError"}}, neighbour)
        if fault is Fault.THROTTLED:
            raise _slow(neighbour)
        answer = act()
        if fault is Fault.DIES_AFTER:
            raise Crash
        if fault is Fault.ANSWER_LOST:
            raise ReadTimeoutError(endpoint_url=neighbour)
        again()
        return answer


def _slow(neighbour: str) -> ClientError:
    code = SLOW.get(neighbour, "ProvisionedThroughputExceededException")
    return ClientError({"Error": {"Code": code}}, neighbour)


class GatedStore:
    """A store; each transaction is one call."""

    def __init__(self, inner: Any, gate: Gate) -> None:
        self.inner, self.gate = inner, gate

    def get(self, table: str, key: Any) -> Any:
        return self.gate.pass_(table, "get", partial(self.inner.get, table, key))

    def get_many(self, table: str, keys: Any) -> Any:
        return self.gate.pass_(table, "get many", partial(self.inner.get_many, table, keys))

    def query(self, table: str, partition: Any, **how: Any) -> Any:
        yield from self.gate.pass_(
            table, "query", lambda: list(self.inner.query(table, partition, **how))
        )

    def write(self, *writes: Any) -> None:
        tables = "+".join(sorted({write.table for write in writes}))
        self.gate.pass_(
            tables,
            f"write {len(writes)}",
            partial(self.inner.write, *writes),
            partial(self._again, writes),
        )

    def _again(self, writes: Any) -> None:
        """A transaction that conditions let through has its token; one write happens twice."""
        refused = [write for write in writes if not self.inner._holds(write)]
        if refused:
            raise ConditionFailed(refused)
        if len(writes) == 1:
            self.inner.write(*writes)


class GatedQueue:
    """One of our queues; `state` has its messages."""

    def __init__(self, name: str, state: Any, gate: Gate) -> None:
        self.name, self.state, self.gate = name, state, gate

    def send(self, *messages: Any) -> None:
        if messages:
            put = partial(self.state.put, self.name, messages)
            self.gate.pass_(self.name, "send", put, put)


class GatedMailer:
    """The mail service; what it took, it sent."""

    def __init__(self, state: Any, gate: Gate) -> None:
        self.state, self.gate = state, gate

    def send(self, mail: Any, letter: Any) -> None:
        take = partial(self.state.sent.append, (mail.mail_id, mail.to, letter.subject, letter.text))
        self.gate.pass_("ses", "send", take, take)


class GatedVault(PlainVault):
    """A vault as a fresh process has it: each purpose is unwrapped once, an index never is."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.unwrapped: set[str] = set()

    def seal(self, purpose: str, text: str, about: str) -> str:
        self._unwrap(purpose)
        return super().seal(purpose, text, about)

    def open(self, purpose: str, sealed: str, about: str) -> str:
        self._unwrap(purpose)
        return super().open(purpose, sealed, about)

    def mac(self, purpose: str, text: str) -> bytes:
        if PURPOSES[purpose] is Kind.INDEX:
            return self.gate.pass_(
                "kms", "generate mac", lambda: super(GatedVault, self).mac(purpose, text)
            )
        self._unwrap(purpose)
        return super().mac(purpose, text)

    def hasher(self, purpose: str) -> Any:
        self._unwrap(purpose)
        return super().hasher(purpose)

    def ssn_index(self, ssn: Ssn) -> str:
        return self.gate.pass_(
            "kms", "generate mac", lambda: super(GatedVault, self).ssn_index(ssn)
        )

    def _unwrap(self, purpose: str) -> None:
        if purpose not in self.unwrapped:
            self.gate.pass_("kms", "decrypt", lambda: True)
            self.unwrapped.add(purpose)


class GatedS3:
    """As much of S3 as we use, with versions; both buckets are one, for no key is in both."""

    def __init__(self, state: Any, gate: Gate) -> None:
        self.state, self.gate = state, gate

    def put_object(self, *, Key: str, Body: Any, IfNoneMatch: str = "", **_: Any) -> Any:  # noqa: N803 - as S3 says it
        body = Body if isinstance(Body, bytes) else Body.read()

        def put() -> Any:
            if IfNoneMatch and self.state.objects.get(Key):
                raise _error("PreconditionFailed")
            return {"VersionId": self.state.drop(Key, body)}

        return self.gate.pass_("s3", f"put {_folder(Key)}", put, put)

    def get_object(self, *, Key: str, VersionId: str = "", Range: str = "", **_: Any) -> Any:  # noqa: N803
        def get() -> Any:
            versions = self.state.objects.get(Key, {})
            if not versions:
                raise _error("NoSuchKey")
            if VersionId and VersionId not in versions:
                raise _error("NoSuchVersion")
            body = versions[VersionId or list(versions)[-1]][0]
            if Range:
                first, last = Range.removeprefix("bytes=").split("-")
                body = body[int(first) : int(last) + 1 if last else None]
            return {"Body": _Body(body), "ContentLength": len(body)}

        return self.gate.pass_("s3", f"get {_folder(Key)}", get)

    def head_object(self, *, Key: str, **_: Any) -> Any:  # noqa: N803
        def head() -> Any:
            versions = self.state.objects.get(Key, {})
            if not versions:
                raise _error("404")
            body, at = list(versions.values())[-1]
            return {"ContentLength": len(body), "LastModified": at}

        return self.gate.pass_("s3", f"head {_folder(Key)}", head)

    def list_object_versions(self, *, Prefix: str, **_: Any) -> Any:  # noqa: N803
        what = f"list versions {_folder(Prefix)}"
        return {"Versions": self.gate.pass_("s3", what, lambda: list(self._versions(Prefix)))}

    def _versions(self, prefix: str) -> Any:
        """Newest first, as S3 lists them. Nothing here was ever deleted without its version."""
        for key, versions in sorted(self.state.objects.items()):
            if key.startswith(prefix):
                for version, (body, at) in reversed(versions.items()):
                    newest = version == list(versions)[-1]
                    facts = {"Size": len(body), "IsLatest": newest, "LastModified": at}
                    yield {"Key": key, "VersionId": version, **facts}

    def delete_object(self, *, Key: str, VersionId: str = "", **_: Any) -> Any:  # noqa: N803
        def delete() -> Any:
            versions = dict(self.state.objects.get(Key, {}))
            versions.pop(VersionId, None)
            self.state.objects[Key] = versions
            if not versions:
                self.state.objects.pop(Key)

        return self.gate.pass_("s3", f"delete {_folder(Key)}", delete, delete)

    def get_paginator(self, name: str) -> Any:
        assert name == "list_object_versions"
        return self

    def paginate(self, *, Prefix: str, **_: Any) -> Any:  # noqa: N803
        """All on one page."""
        yield self.list_object_versions(Prefix=Prefix)


class GatedEvents:
    """EventBridge's default bus; `state` has what was announced and not yet heard."""

    def __init__(self, state: Any, gate: Gate) -> None:
        self.state, self.gate = state, gate

    def put_events(self, *, Entries: Any) -> Any:  # noqa: N803
        tell = partial(self.state.told.extend, Entries)
        self.gate.pass_("bus", "put events", tell, tell)
        return {"FailedEntryCount": 0}


def _folder(key: str) -> str:
    return key.rpartition("/")[0]


Versions = dict[str, tuple[bytes, datetime]]
