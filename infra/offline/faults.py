"""What can go wrong with one call to AWS, and how each of it looks to the caller."""

from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import ReadTimeoutError

Said = tuple[int, dict[str, str], bytes]


class Crash(BaseException):
    """The process dies here. No `except Exception` swallows it."""


class Kind(StrEnum):
    """The ways."""

    CRASH_BEFORE = "crash-before"  # we die before AWS hears of it
    CRASH_AFTER = "crash-after"  # AWS did it; we die before we know
    REPLY_LOST = "reply-lost"  # AWS did it; the connection breaks; botocore tries again
    THROTTLED = "throttled"  # AWS refused: too fast
    HTTP_500 = "http-500"  # AWS failed; nothing was done
    DENIED = "denied"  # no policy allows it; botocore does not try again
    CONFLICT = "conflict"  # another transaction held an item; botocore does not try again


@dataclass(slots=True)
class Fault:
    """The n-th call (of an operation, when named) and those after it, `times` in all."""

    n: int
    kind: Kind
    operation: str = ""
    times: int = 1

    def strikes(self, operation: str) -> bool:
        """Count one call; say whether it goes wrong."""
        if self.operation not in ("", operation):
            return False
        self.n -= 1
        if self.n > 0 or self.times == 0:
            return False
        self.times -= 1
        return True


def before(kind: Kind) -> None:
    """Die before the call, where that is the fault."""
    if kind is Kind.CRASH_BEFORE:
        raise Crash(kind)


def late(kind: Kind, url: str) -> None:
    """Die, or lose the reply, after the call was carried out."""
    if kind is Kind.CRASH_AFTER:
        raise Crash(kind)
    if kind is Kind.REPLY_LOST:
        raise ReadTimeoutError(endpoint_url=url)


def instead(kind: Kind, service: str, operation: str) -> Said | None:
    """What AWS answers in place of doing it, in the words of the service; None: it does it."""
    if kind is Kind.THROTTLED:
        return THROTTLES.get(service) or _json(400, "ThrottlingException")
    if kind is Kind.HTTP_500:
        return _s3(500, "InternalError") if service == "s3" else _json(500, "InternalServerError")
    if kind is Kind.DENIED:
        denied = _json(400, "AccessDeniedException", f"not authorized to perform: {operation}")
        return _s3(403, "AccessDenied") if service == "s3" else denied
    if kind is Kind.CONFLICT:
        if operation == "TransactWriteItems":
            return _json(400, "TransactionCanceledException", ANOTHER_HELD_IT)
        return _json(400, "TransactionConflictException")
    return None


ANOTHER_HELD_IT = (
    "Transaction cancelled, please refer cancellation reasons for specific reasons "
    "[TransactionConflict]"
)


def _json(status: int, code: str, message: str = "planned by a test") -> Said:
    reasons = ""
    if message is ANOTHER_HELD_IT:
        reasons = ',"CancellationReasons":[{"Code":"TransactionConflict","Message":"conflict"}]'
    headers = {"content-type": "application/x-amz-json-1.0", "x-amzn-errortype": code}
    body = f'{{"__type":"{code}","message":"{message}","Message":"{message}"{reasons}}}'
    return status, headers, body.encode()


def _s3(status: int, code: str) -> Said:
    body = f"<Error><Code>{code}</Code><Message>planned by a test</Message></Error>"
    return status, {"content-type": "application/xml"}, body.encode()


THROTTLES: dict[str, Said] = {
    "dynamodb": _json(400, "ProvisionedThroughputExceededException"),
    "s3": _s3(503, "SlowDown"),
    "sqs": _json(400, "RequestThrottled"),
    "sesv2": _json(429, "TooManyRequestsException"),
}
