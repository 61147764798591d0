"""A file that the bank refused is taken back: its payments are not paid, and members are told.

Nothing of it ever moved. Staff decide when, after they have spoken with the bank: each entry comes
back as if by a return of its own, once, so that a terminal that was closed midway goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from chalicelib.domain.ach import returns
from chalicelib.domain.acknowledgement import Verdict
from chalicelib.domain.entry import Entry
from chalicelib.domain.errors import DomainError
from chalicelib.domain.sealing import SealedFile, Sealing
from chalicelib.domain.signature import Signature
from chalicelib.ports import Audit, Books, Cases, Keep, Refused, Sealings
from chalicelib.services.bank.acknowledging import Acknowledging
from chalicelib.services.bank.applying import Applying
from chalicelib.services.bank.file_making import PURPOSES
from chalicelib.services.bank.origins import Origins


class NotRefused(DomainError):
    """The bank has not refused this file: nothing of it is taken back."""

    code = "not_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """What taking back needs of the world."""

    keep: Keep
    books: Books
    sealings: Sealings
    origins: Origins
    applying: Applying
    acknowledging: Acknowledging
    cases: Cases
    audit: Audit

    def find(self, name: str) -> tuple[Sealing, SealedFile]:
        """The refused file, and its sealing. Raises NotRefused."""
        said = self.sealings.acknowledged([name]).get(name)
        for sealing in self.sealings.all():
            for file in sealing.files:
                if file.name == name and said and said.verdict is Verdict.REFUSED:
                    return sealing, file
        raise NotRefused

    def undo(self, name: str, signature: Signature) -> Iterator[None]:
        """Takes its entries back, one at each step; the last one closes the matter. NotRefused."""
        sealing, file = self.find(name)
        for entry in self._entries(sealing, file):
            origin = self.origins.in_the_books(sealing, entry)
            if origin:  # one that is in no book reconciliation names
                decision = returns.of_refused_file(PURPOSES[entry.kind])
                if not self.applying.contradicts(origin, decision):
                    self.applying.apply(origin, decision, signature.at)
            yield
        self._close(name, signature)
        self.acknowledging.go_on(sealing.sealing, signature.at)

    def _entries(self, sealing: Sealing, file: SealedFile) -> Iterator[Entry]:
        """In the order of the file: those of the sealing's parts that are in it."""
        left_out = frozenset(sealing.left_out)
        every = (
            entry
            for part in sealing.parts
            for entry in self.books.entries(part.collection, part.batch)
            if entry.payment_id not in left_out
        )
        before = sealing.files[: sealing.files.index(file)]
        start = sum(each.entries for each in before)
        yield from islice(every, start, start + file.entries)

    def _close(self, name: str, signature: Signature) -> None:
        try:
            self.keep(
                self.sealings.undoing(name, signature),
                *self.cases.closing(f"refused_file#{name}", signature),
                self.audit.signing(f"file#{name}", "taken back", signature),
            )
        except Refused:
            if name not in self.sealings.undone([name]):
                raise
