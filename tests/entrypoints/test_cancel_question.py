"""The question before a cancel names the day on which the money would be taken."""

from types import SimpleNamespace

import pytest

from chalicelib.entrypoints.pages.recurring import _question
from tests.builders import a_mandate


@pytest.mark.parametrize(
    ("month", "named"),
    [("2026-12", "December 22, 2026"), ("2027-05", "May 24, 2027"), ("2027-02", "February 22")],
)
def test_the_cancel_question_names_a_banking_day(month, named):
    """May 22, 2027, is a Saturday."""
    said = _question(SimpleNamespace(lang="en"), a_mandate(), None, month)
    assert named in said
