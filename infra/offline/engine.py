"""moto in this process, behind one thin wrapper: one lock, a log of calls, planned faults.

moto is neither thread-safe nor exact about where an API call begins and ends. Here each call is
atomic, as DynamoDB's are: the interleaving of threads is between calls, never inside one.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from unittest.mock import patch

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.endpoint import Endpoint
from botocore.model import OperationModel
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from infra.offline import quick_answers, quick_calls, quick_tables, responses
from infra.offline.environment import ACCOUNT, ENVIRONMENT, FOREIGN, REGION, environment
from infra.offline.faults import Fault, Kind, before, instead, late
from infra.rights.acting import RECORDER

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
Said = tuple[AWSResponse, dict[str, Any]]
Request = Callable[[Endpoint, OperationModel, dict[str, Any]], Said]
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
        whole: Request = Endpoint.make_request

        def request(endpoint: Endpoint, model: OperationModel, asked: dict[str, Any]) -> Said:
            return self._directly(model, asked) or whole(endpoint, model, asked)

        stack.enter_context(patch.object(Endpoint, "make_request", request))
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

    def _directly(self, model: OperationModel, asked: dict[str, Any]) -> Said | None:
        """The answer to a plain call of DynamoDB's, spared the wire; None where it goes its way."""
        service, operation = model.service_model.service_name, model.name
        if service != "dynamodb" or self._before:
            return None
        with self.lock:
            if self._faults:
                return None
            thread = threading.current_thread().name
            about = (service, operation, asked["method"], asked["url"], asked["body"], thread)
            call = Call(self.number + 1, *about)
            said = None if self.guard(call) else self._plainly(call)
            if said is None:
                return None
            self.number = call.number
            self.calls.append(call)
            call.status = OK
            self._tell(call)
        told = {"HTTPStatusCode": OK, "HTTPHeaders": {}, "RetryAttempts": 0}
        return responses.of(call.url, OK, {}, b""), {**said, "ResponseMetadata": told}

    def _tell(self, call: Call) -> None:
        for hook in self._after:
            hook(call)

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
            return responses.of(call.url, FORBIDDEN, *responses.denied(call.service, denied))
        if fault:
            before(fault.kind)
            if said := instead(fault.kind, service, operation):
                call.status = said[0]
                return responses.of(call.url, *said)
        with self.lock:
            response = self._quick(call) or stub_call(stub, event_name, request)
            if response is not None:
                call.status, call.headers = response.status_code, response.headers
                if response.status_code < 300:  # noqa: PLR2004 - HTTP: 2xx is success
                    self._tell(call)
        if fault:
            late(fault.kind, call.url)
        return response

    def _plainly(self, call: Call) -> quick_answers.Asked | None:
        """DynamoDB's answer without the way through moto; None where moto must give it."""
        quick = call.service == "dynamodb"
        return quick_answers.answer(ACCOUNT, REGION, call.operation, call.body) if quick else None

    def _quick(self, call: Call) -> AWSResponse | None:
        """The same, on the wire."""
        plain = self._plainly(call)
        return None if plain is None else responses.of_dynamodb(call.url, plain)

    def _fault_of(self, call: Call) -> Fault | None:
        """The fault that strikes this call; it is used up when it has struck often enough."""
        striking = [fault for fault in self._faults if fault.strikes(call.operation)]
        self.struck += len(striking)
        self._faults = [fault for fault in self._faults if fault.times > 0]
        return striking[0] if striking else None
