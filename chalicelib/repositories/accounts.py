"""What is known of bank accounts, in the table of lookups."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from chalicelib.domain.identities import joined
from chalicelib.store import Check, ConditionFailed, Put, Store, Write

NOTHING = "-"

GOOD = "good"  # of an account: a payment came through


class Accounts:
    """`account#<digest>#<routing>`: good, or refused."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def verdict(self, account: str) -> str | None:
        """GOOD, or the return code under which this account was refused; None when it is new."""
        row = self._store.get("lookups", (_account(account), NOTHING))
        return str(row["code"]) if row else None

    def trust(self, account: str, at: datetime) -> None:
        """What its bank refused stays refused."""
        key = {"lookup": _account(account), "enrollment_id": NOTHING}
        good = {**key, "code": GOOD, "at": at.isoformat()}
        with suppress(ConditionFailed):
            self._store.write(Put("lookups", good, when={"code": None}))

    def refusing(
        self, account: str, code: str, at: datetime, where: Collection[str | None] = ()
    ) -> Write:
        """Remembers that the bank refused this account; refused where another verdict stands."""
        key = {"lookup": _account(account), "enrollment_id": NOTHING}
        row = {**key, "code": code, "at": at.isoformat()}
        return Put("lookups", row, when={"code": tuple(where)} if where else {})

    def unless_refused(self, account: str, but: Collection[str] = ()) -> Write:
        """Nothing happens when the bank has refused this account meanwhile."""
        wanted = (None, GOOD, *sorted(but))
        return Check("lookups", (_account(account), NOTHING), when={"code": wanted})


def _account(account: str) -> str:
    return joined("account", account)
