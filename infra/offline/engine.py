"""moto in this process, behind one thin wrapper: one lock, a log of calls, planned faults.

moto is neither thread-safe nor exact about where an API call begins and ends. Here each call is
atomic, as DynamoDB's are: the interleaving of threads is between calls, never inside one.
"""

import json
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from unittest.mock import patch

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

from infra.offline import quick_answers, quick_calls, quick_tables
from infra.offline.faults import Fault, Kind, before, instead, late
from infra.rights.acting import RECORDER

ACCOUNT = "123456789012"
REGION = "us-east-1"
ENVIRONMENT: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "offline",
    "AWS_SECRET_ACCESS_KEY": "offline",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    # botocore would call https://<account>.ddb..., which moto answers in part only (facts/aws 2.1).
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
FOREIGN = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_SECURITY_TOKEN")
OK, FORBIDDEN = 200, 403
KEPT_CALLS = 20_000  # a server that runs for days must not keep them all


@dataclass(slots=True)
class Call:
    """One request on the wire. A retry of botocore's is a call of its own."""

    number: int
    service: str
    operation: str
    method: str
    url: str
    body: bytes = field(repr=False)
    thread: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


Hook = Callable[[Call], None]
Guard = Callable[[Call], str | None]
"""Why a call is not allowed; None where it is."""
Stub = Callable[[BotocoreStubber, str, AWSPreparedRequest], AWSResponse | None]


class Engine:
    """All of AWS that we use. Start it before any boto3 client is made; stop it to forget all."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self.number = self.struck = 0
        self._faults: list[Fault] = []
        self._before: list[Hook] = []
        self._after: list[Hook] = []
        self.guard: Guard = lambda _: None
        """moto checks no policy; this does, for whoever sets it."""
        self._stack = ExitStack()

    def start(self) -> Self:
        """Every boto3 call of this process is answered here from now on; nothing leaves it."""
        stack = self._stack
        stack.enter_context(environment(ENVIRONMENT, without=FOREIGN))
        stack.enter_context(mock_aws())
        # moto's own start sets other fake credentials; ours must stay the ones that are seen.
        stack.enter_context(environment(ENVIRONMENT, without=FOREIGN))
        for patched in (*quick_tables.patches(), *quick_calls.patches()):
            stack.enter_context(patched)
        original: Stub = BotocoreStubber.__call__

        def answer(
            stub: BotocoreStubber, event_name: str, request: AWSPreparedRequest, **_: Any
        ) -> AWSResponse | None:
            return self._answer(original, stub, event_name, request)

        stack.enter_context(patch.object(BotocoreStubber, "__call__", answer))
        return self

    def stop(self) -> None:
        """Give the process back as it was; everything kept is gone."""
        with self.lock:
            self._stack.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def reset_calls(self) -> None:
        """Count from one again, and forget the faults that were planned."""
        with self.lock:
            self.calls.clear()
            self._faults.clear()
            self.number = self.struck = 0

    def count(self, service: str = "", operation: str = "") -> int:
        """How many of the kept calls were of this service and operation (empty: any)."""
        return sum(
            service in ("", call.service) and operation in ("", call.operation)
            for call in list(self.calls)
        )

    def plan_fault(self, n: int, kind: Kind | str, *, operation: str = "", times: int = 1) -> None:
        """Let the n-th call since the last reset (of an operation, when named) go wrong.

        With `times`, the calls that follow it go wrong too.
        """
        with self.lock:
            self._faults.append(Fault(n, Kind(kind), operation, times))

    def forget_faults(self) -> None:
        """No fault is planned any more. Raises AssertionError where none of them struck."""
        with self.lock:
            idle = self._faults if not self.struck else []
            self._faults, self.struck = [], 0
        assert not idle, f"planned, but no call came by: {idle}"

    def on_call(self, *, before: Hook | None = None, after: Hook | None = None) -> None:
        """Be told of each call, before it (outside the lock) or after its success (inside it)."""
        if before:
            self._before.append(before)
        if after:
            self._after.append(after)

    def _answer(
        self, stub_call: Stub, stub: BotocoreStubber, event_name: str, request: AWSPreparedRequest
    ) -> AWSResponse | None:
        _, service, operation = event_name.split(".", 2)
        with self.lock:
            self.number += 1
            call = Call(
                self.number,
                service,
                operation,
                request.method or "",
                request.url or "",
                request.body if isinstance(request.body, bytes) else b"",
                threading.current_thread().name,
            )
            self.calls.append(call)
            fault = self._fault_of(call)
        with RECORDER.aside():
            for hook in self._before:
                hook(call)
        if denied := self.guard(call):
            call.status = FORBIDDEN
            return _response(call, FORBIDDEN, *_denied(call.service, denied))
        if fault:
            before(fault.kind)
            if said := instead(fault.kind, service, operation):
                call.status = said[0]
                return _response(call, *said)
        with self.lock:
            response = _quick(call) or stub_call(stub, event_name, request)
            if response is not None:
                call.status, call.headers = response.status_code, response.headers
                if response.status_code < 300:  # noqa: PLR2004 - HTTP: 2xx is success
                    for hook in self._after:
                        hook(call)
        if fault:
            late(fault.kind, call.url)
        return response

    def _fault_of(self, call: Call) -> Fault | None:
        """The fault that strikes this call; it is used up when it has struck often enough."""
        striking = [fault for fault in self._faults if fault.strikes(call.operation)]
        self.struck += len(striking)
        self._faults = [fault for fault in self._faults if fault.times > 0]
        return striking[0] if striking else None


def _quick(call: Call) -> AWSResponse | None:
    """DynamoDB's answer without the way through moto; None where moto must give it."""
    if call.service != "dynamodb":
        return None
    said = quick_answers.answer(ACCOUNT, REGION, call.operation, call.body)
    if said is None:
        return None
    return _response(call, OK, {"content-type": "application/x-amz-json-1.0"}, said)


def _denied(service: str, why: str) -> tuple[Mapping[str, str], bytes]:
    """AWS's own words for a right that is not there."""
    if service == "s3":
        xml = f"<Error><Code>AccessDenied</Code><Message>{why}</Message></Error>"
        return {"content-type": "application/xml"}, xml.encode()
    said = {"__type": "AccessDeniedException", "message": why}
    return {"content-type": "application/x-amz-json-1.0"}, json.dumps(said).encode()


def _response(call: Call, status: int, headers: Mapping[str, str], body: bytes) -> AWSResponse:
    return AWSResponse(call.url, status, headers, MockRawResponse(body))  # type: ignore[arg-type]


@contextmanager
def environment(values: Mapping[str, str], without: tuple[str, ...] = ()) -> Iterator[None]:
    """The process environment with these values and without those names, for a while."""
    before_it = {name: os.environ.get(name) for name in (*values, *without)}
    for name in without:
        os.environ.pop(name, None)
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before_it.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
