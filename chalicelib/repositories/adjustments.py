"""Adjustments by their reference, which is one of all enrollments (rule 36)."""

from chalicelib.domain.booking import Booking
from chalicelib.domain.identities import joined
from chalicelib.repositories.codec import from_item, to_item
from chalicelib.store import Change, Key, Put, Store, Write


class Adjustments:
    """Of table `payments`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, reference: str) -> Booking | None:
        """What a reference stands for."""
        item = self._store.get("payments", _key(reference))
        return from_item(Booking, item) if item else None

    def changing(self, booking: Booking, before: Booking | None) -> Write:
        """Refused when it is not as it was before."""
        (key,) = _key(booking.adjustment.reference)
        row = to_item(booking)
        if before is None:
            return Put("payments", {**row, "payment_id": key}, when={"payment_id": None})
        return Change("payments", (key,), set=row, when={"state": str(before.state)})


def _key(reference: str) -> Key:
    return (joined("adjustment", reference),)
