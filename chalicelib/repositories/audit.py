"""Audit lines of what people on the staff do (invariant I22)."""

from chalicelib.domain.identities import joined
from chalicelib.domain.signature import Signature
from chalicelib.repositories.codec import from_item, to_item
from chalicelib.store import Put, Store, Write


class Audit:
    """Table `audit`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def signing(self, subject: str, what: str, signature: Signature) -> Write:
        """A person did this to a subject, such as `payment#<id>`."""
        return signing(subject, what, signature)

    def signed(self, subject: str) -> list[Signature]:
        """Who did something to it, oldest first."""
        return [from_item(Signature, row) for row in self._store.query("audit", subject)]


def signing(subject: str, what: str, signature: Signature) -> Put:
    """The line that goes in the same transaction as what was done."""
    line = joined(signature.at.isoformat(), signature.who, what)
    item = {"subject": subject, "line": line, "what": what, **to_item(signature)}
    return Put("audit", item, when={"line": None})
