"""What the bank tells its customer about a whole file: that it has it, or why it has not."""

import csv
import io
from datetime import timedelta

from infra.offline.bank.papers import Judgement

AFTER = timedelta(minutes=30)
COLUMNS = ("file", "verdict", "entries", "debit_cents", "credit_cents", "reason")


def receipt(name: str, judgement: Judgement) -> bytes:
    """One row, in the form agreed with the customer; entries returned singly refuse no file."""
    refusals = sorted(why for why in judgement.whys if not why.startswith("entry:"))
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    totals = (judgement.entries, judgement.debit_cents, judgement.credit_cents)
    table.writerow(
        [name, "refused" if refusals else "accepted", *totals, "; ".join(refusals)],
    )
    return out.getvalue().encode("ascii")
