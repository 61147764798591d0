"""What takes several readings is told as it stood at one moment (I24)."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
MOST_LOOKS = 6


def at_one_moment(look: Callable[[], T]) -> T:
    """What two looks in a row agree in: it stood so when the one ended and the other began.

    Where somebody changes it during each of six, the last: a page decides nothing.
    """
    seen = look()
    for _ in range(MOST_LOOKS - 1):
        before, seen = seen, look()
        if seen == before:
            break
    return seen
