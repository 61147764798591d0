"""Cases that staff must look at."""

from contextlib import suppress
from datetime import datetime
from functools import partial

from chalicelib.domain.case import Case
from chalicelib.domain.identities import audit_subject
from chalicelib.domain.signature import Signature
from chalicelib.repositories.audit import signing
from chalicelib.repositories.codec import from_item, readable, to_item
from chalicelib.store import Check, ConditionFailed, Put, Remove, Store, Write

OPEN, CLOSED, ACCEPTED = "open", "closed", "accepted"


class Cases:
    """Table `cases`: open ones in one partition, closed ones in another."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def opening(self, case: Case) -> Write:
        """Refused when this case is already open."""
        return Put("cases", {**to_item(case), "state": OPEN}, when={"case_id": None})

    def open_case(self, case: Case) -> None:
        """Opens it, unless it is or was open."""
        with suppress(ConditionFailed):
            never_closed = Check("cases", (CLOSED, case.case_id), when={"case_id": None})
            self._store.write(self.opening(case), never_closed)

    def open_again(self, case: Case, since: datetime) -> None:
        """The same for what can come back: one that was closed before `since` is open once more.

        One that is open says from now on what this one says.
        """
        if opened := self._store.get("cases", (OPEN, case.case_id)):
            said = opened.get("reason")
            if said != case.reason:
                with suppress(ConditionFailed):
                    again = {**opened, "reason": case.reason}
                    self._store.write(Put("cases", again, when={"reason": said}))
            return
        closed = self._store.get("cases", (CLOSED, case.case_id)) or {}
        signed = readable(partial(from_item, Signature), closed.get("signed") or {})
        if signed and signed.at < since:
            was = Remove("cases", (CLOSED, case.case_id), when={"signed": closed["signed"]})
            with suppress(ConditionFailed):
                self._store.write(was, self.opening(case))
        else:
            self.open_case(case)

    def open(self) -> list[Case]:
        """Oldest first."""
        found = [from_item(Case, item) for item in self._store.query("cases", OPEN)]
        return sorted(found, key=lambda case: (case.opened_at, case.case_id))

    def open_ids(self) -> set[str]:
        """Which are open, by their keys: one that can't be read is open all the same (I15)."""
        return {str(row["case_id"]) for row in self._store.query("cases", OPEN)}

    def find(self, case_id: str) -> tuple[Case, bool] | None:
        """A case, and whether it is open; None where there never was one."""
        for state in (OPEN, CLOSED):
            # Of all that begin so, the one that is just this comes first.
            for row in self._store.query("cases", state, prefix=case_id, limit=1):
                if row["case_id"] == case_id:
                    return from_item(Case, row), state == OPEN
        return None

    def is_open(self, case_id: str) -> bool:
        """Whether somebody must look at it."""
        return self._store.get("cases", (OPEN, case_id)) is not None

    def is_closed(self, case_id: str) -> bool:
        """Whether somebody closed it: only `open_again` opens one of this name."""
        return self._store.get("cases", (CLOSED, case_id)) is not None

    def was_accepted(self, case_id: str) -> bool:
        """Whether somebody closed it by accepting what it asked about."""
        return self.ended_as(case_id) == ACCEPTED

    def ended_as(self, case_id: str) -> str | None:
        """How it was closed; None where it is open, or never was."""
        row = self._store.get("cases", (CLOSED, case_id)) or {}
        how = row.get("how")
        return str(how) if how else None

    def close(self, case_id: str, signature: Signature, how: str = "closed") -> bool:
        """Moves it to the closed ones, signed; False when no such case is open."""
        closing = self.closing(case_id, signature, how)
        try:
            if closing:
                self._store.write(*closing)
        except ConditionFailed:
            return False  # somebody else closed it meanwhile
        return bool(closing)

    def closing(self, case_id: str, signature: Signature, how: str = "closed") -> list[Write]:
        """Out of the open ones, into the closed ones, and an audit line."""
        row = self._store.get("cases", (OPEN, case_id))
        if row is None:
            return []
        closed = {"state": CLOSED, "how": how, "signed": to_item(signature)}
        return [
            Remove("cases", (OPEN, case_id), when={"case_id": case_id}),
            Put("cases", {**row, **closed}),  # also one that was closed before, and opened again
            *signing(audit_subject("case", case_id), how, signature, row.get("enrollment_id")),
        ]
