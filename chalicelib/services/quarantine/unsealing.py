"""What was put away is opened again: by staff alone, no function can (docs/decisions/0022)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from chalicelib.domain.ach.findings import AnswerEntry, ChangeEntry
from chalicelib.domain.ach.reader import read
from chalicelib.domain.ach.reading import Reading, read_whole
from chalicelib.domain.bank_profile import BankProfile
from chalicelib.domain.errors import NotFound
from chalicelib.domain.identities import parts_of, rest_of
from chalicelib.domain.purposes import QUARANTINE
from chalicelib.ports import Files, Gone, Vault
from chalicelib.services.quarantine.quarantine import place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealing:
    """What opening it needs of the world."""

    files: Files
    vault: Vault
    profile: BankProfile

    def suspended(self, case_id: str) -> AnswerEntry:
        """What a case of suspense is about. Raises NotFound, Unsealable."""
        return self._item(f"suspense-{rest_of(case_id).partition('@')[0]}")

    def change(self, case_id: str) -> ChangeEntry:
        """The correction that waits under a case. Raises NotFound, Unsealable."""
        found = self._item(f"change-{parts_of(case_id)[-1]}")
        assert isinstance(found, ChangeEntry), "so it was put away"
        return found

    def _item(self, name: str) -> AnswerEntry:
        """With its batch, as it was read; Unsealable where somebody changed it."""
        lines = (text.encode() + b"\n" for text in self._opened(f"quarantine/{name}", name))
        found = read(lines, self.profile)
        return next(each for each in found if isinstance(each, AnswerEntry))

    def file(self, case_id: str) -> Reading:
        """A file in quarantine, as it reads now. Raises NotFound, Unsealable."""
        about = rest_of(case_id)
        name = about.rpartition("@")[0]
        lines = (text.encode("latin-1") for text in self._opened(f"quarantine/{about}", name))
        return read_whole(lines, profile=self.profile)

    def _opened(self, place: str, name: str) -> Iterator[str]:
        """Each line as it was sealed: under its number, through all pieces of what was put away."""
        number = count()
        for piece in count(1):
            key = place if piece == 1 else f"{place}.{piece}"
            try:
                for line in self.files.lines(key, ""):
                    sealed = line.decode().rstrip("\n")
                    yield self.vault.open(QUARANTINE, sealed, place_of(name, next(number)))
            except Gone:
                if piece == 1:
                    raise NotFound from None
                return
