"""One logger, JSON lines, codes and ids only: nothing a person typed is ever logged."""

from aws_lambda_powertools import Logger

logger = Logger(service="premium-pay-log", log_uncaught_exceptions=False)


def log_unexpected(error: BaseException) -> None:
    """Where it happened, never what was said: a message may hold what a person typed."""
    frames = []
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    logger.error("unexpected", error=type(error).__name__, where=frames[-8:])
