"""What all tests share: no deadline on a busy machine, and AWS on moto where a test asks for it."""

from hypothesis import settings

from tests.browser.report import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]

settings.register_profile("house", deadline=None, max_examples=60, derandomize=True, database=None)
settings.load_profile("house")
