"""An exchange of few slots, for many tests read every one: an empty one is like the next."""

import logging
from collections.abc import Callable
from typing import Any

from chalicelib.domain import enrollment, entry, run
from chalicelib.services.monthly import charges, withdrawals
from chalicelib.services.reconciliation import reconciling


def shrink(put: Callable[[Any, str, Any], None] = setattr) -> None:
    """Eight slots and two web shards for this process: an empty one is like the next.

    And nothing is logged. Without a `put` it is so for good.
    """
    for module in (enrollment, run, reconciling, withdrawals, charges):
        put(module, "SLOTS", 8)
    put(entry, "WEB_SHARDS", 2)
    for logger in ("premium-pay-log", "premium-pay"):
        put(logging.getLogger(logger), "disabled", True)
