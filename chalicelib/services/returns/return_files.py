"""What the bank sends back: a file is judged whole, and its items are booked, chunk by chunk."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.ach.reading import Reading, read_whole
from chalicelib.domain.bank_profile import BankProfile
from chalicelib.ports import Files, Gone, Queue
from chalicelib.services.quarantine.quarantine import Quarantine
from chalicelib.services.returns.matching import Matching

AT_ONCE = 500  # items of a chunk: at 15 calls an item, a minute or two of the fifteen there are


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFiles:
    """What reading the bank's files needs of the world."""

    matching: Matching
    quarantine: Quarantine
    files: Files
    bank_queue: Queue
    profile: BankProfile

    def receive(self, key: str, version: str, arrived_at: datetime, now: datetime) -> None:
        """Reads and judges a whole file; more than a chunk is applied by messages, one by one."""
        reading = self._read(key, version, 0)
        if reading is None:
            return
        if reading.count > AT_ONCE:
            self._hand_over(key, version, 0, arrived_at)
        else:
            self._finish(key, version, reading, arrived_at, now)

    def go_on(
        self, key: str, version: str, start: int, arrived_at: datetime, now: datetime
    ) -> None:
        """Applies the chunk from `start` on, then hands over; the last one is done with the file.

        A message goes out when all before it is applied or kept, so whoever is last may erase.
        """
        reading = self._read(key, version, start)
        if reading is None:
            return
        if reading.count > start + AT_ONCE:
            self.matching.book(reading.answers, arrived_at, now)
            self._hand_over(key, version, start + AT_ONCE, arrived_at)
        else:
            self._finish(key, version, reading, arrived_at, now)

    def _read(self, key: str, version: str, start: int) -> Reading | None:
        """The whole file, judged, with one chunk of its items; None: it was read and erased."""
        try:
            lines, wanted = self.files.lines(key, version), range(start, start + AT_ONCE)
            return read_whole(lines, wanted, profile=self.profile)
        except Gone:  # the news came twice
            return None

    def _hand_over(self, key: str, version: str, start: int, at: datetime) -> None:
        where = {"key": key, "version": version, "start": start}
        self.bank_queue.send({"kind": "returns", **where, "at": at.isoformat()})

    def _finish(
        self, key: str, version: str, reading: Reading, arrived_at: datetime, now: datetime
    ) -> None:
        self.matching.book(reading.answers, arrived_at, now)
        if reading.needs_a_look:
            self.quarantine.keep(key, version, reading, now)
        self.files.erase(key, version)  # rule 33: bank files lie in clear no longer than needed
