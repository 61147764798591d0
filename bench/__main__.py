"""All that is measured, a row a module: `python -m bench`, or a row by its name.

Ratios and counts mean something; seconds are those of a machine and a day.
"""

import sys
from collections.abc import Callable, Mapping

from bench import ach, page

ROWS: Mapping[str, Callable[[list[str]], None]] = {"page": page.main, "ach": ach.main}


def main(asked: list[str]) -> None:
    """The rows that are asked for, or all."""
    names = [name for name in asked if name in ROWS]
    for name in names or ROWS:
        ROWS[name]([each for each in asked if each not in ROWS])


if __name__ == "__main__":
    main(sys.argv[1:])
