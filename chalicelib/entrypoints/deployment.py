"""What whoever deploys starts."""

from typing import Any

from chalicelib.bootstrap import system


def make_keys(event: Any, _context: Any) -> list[str]:
    """After each deployment: the keys that are missing. `{"purpose": "account"}`: one epoch more.

    Answers with the purposes and epochs that were made.
    """
    maker = system().key_maker
    return [maker.make_next(event["purpose"])] if "purpose" in event else maker.make_missing()
