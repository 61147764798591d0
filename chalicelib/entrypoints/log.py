"""One logger, JSON lines, codes and ids only: nothing a person typed is ever logged."""

from collections.abc import Iterator, Mapping
from typing import Any

from aws_lambda_powertools import Logger

logger = Logger(service="premium-pay-log", log_uncaught_exceptions=False)

# What ties lines together: API Gateway's request, EventBridge's event, the calendar's instant.
# Of a batch of messages each has its own id (queues.py).
CORRELATION = "requestContext.requestId || id || scheduled_at"
MOST_FRAMES = 8
MOST_CAUSES = 5


def log_unexpected(error: BaseException) -> None:
    """Tells of an error that nobody expected."""
    logger.error("unexpected", **facts_of(error))


def facts_of(error: BaseException) -> dict[str, Any]:
    """Its kind, where it happened, what AWS refused; no message, which may hold what was typed."""
    facts = {"error": type(error).__name__, "where": _frames(error)[-MOST_FRAMES:]}
    refusals = (refusal for cause in _causes(error) if (refusal := _refusal(cause)))
    return {**facts, "aws": next(refusals, None)}


def _frames(error: BaseException) -> list[str]:
    frames = []
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(MOST_CAUSES):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or cause.__context__


def _refusal(error: BaseException) -> dict[str, Any]:
    """Codes and ids of AWS's answer; read by its shape, for entrypoints do not import botocore."""
    response = getattr(error, "response", None)
    answer = response if isinstance(response, Mapping) else {}
    about = answer.get("ResponseMetadata", {})
    reasons = {reason.get("Code") for reason in answer.get("CancellationReasons", ())}
    facts = {
        "code": answer.get("Error", {}).get("Code"),
        "operation": getattr(error, "operation_name", None),
        "status": about.get("HTTPStatusCode"),
        "request_id": about.get("RequestId"),
        "tables": getattr(error, "tables", None),
        "reasons": sorted(reasons - {None, "None"}),
    }
    return {name: fact for name, fact in facts.items() if fact}
