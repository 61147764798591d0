"""One logger, JSON lines, codes and ids only: nothing a person typed is ever logged."""

from aws_lambda_powertools import Logger

logger = Logger(service="premium-pay-log", log_uncaught_exceptions=False)
