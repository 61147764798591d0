"""Audit lines: what people on the staff do, and what feeds and members changed (invariant I22)."""

from datetime import date

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.identities import audit_subject, joined, parts_of
from chalicelib.domain.signature import AuditLine, Signature
from chalicelib.repositories.codec import from_item, to_item
from chalicelib.store import Item, Put, Store


class Audit:
    """Table `audit`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def signing(
        self, subject: str, what: str, signature: Signature, enrollment_id: str | None = None
    ) -> list[Put]:
        """A person did this to a subject, such as `payment#<id>`, of an enrollment."""
        return signing(subject, what, signature, enrollment_id)

    def by_file(self, enrollment_id: str, order: str, what: str) -> Put:
        """A row of a file did this to an enrollment."""
        return by_file(enrollment_id, order, what)

    def signed(self, subject: str) -> list[Signature]:
        """Who did something to it, oldest first."""
        return [from_item(Signature, row) for row in self._store.query("audit", subject)]

    def lines(self, subject: str) -> list[AuditLine]:
        """All that was done to it, by whomever, oldest first."""
        found = [_line(row) for row in self._store.query("audit", subject)]
        return sorted(found, key=lambda line: line.at)

    def of_day(self, day: date) -> list[AuditLine]:
        """All that people on the staff did on a day of New York's, oldest first."""
        return self.lines(_of_day(day))


def signing(
    subject: str, what: str, signature: Signature, enrollment_id: str | None = None
) -> list[Put]:
    """The lines that go in the same transaction as what was done.

    One lies under its subject; the others, to be found by, under its day and its enrollment.
    """
    line = joined(signature.at.isoformat(), signature.who, what)
    under = {subject: line, _of_day(local_day(signature.at)): joined(line, subject)}
    if enrollment_id:
        under.setdefault(audit_subject("enrollment", enrollment_id), joined(line, subject))
    said = {"what": what, "about": subject, **to_item(signature)}
    return [
        Put("audit", {"subject": each, "line": name, **said}, when={"line": None})
        for each, name in under.items()
    ]


def by_file(enrollment_id: str, order: str, what: str) -> Put:
    """The line of a row, by its place among all of them: its order begins with an instant."""
    subject = audit_subject("enrollment", enrollment_id)
    row = {"subject": subject, "line": order, "what": what}
    return Put("audit", row, when={"line": None})


def _of_day(day: date) -> str:
    return audit_subject("day", day.isoformat())


def _line(row: Item) -> AuditLine:
    """A feed's has no instant of its own: its place in the feeds begins with one."""
    its_own = {"at": parts_of(row["line"])[0], "about": row["subject"]}
    return from_item(AuditLine, {**its_own, **row})
