"""What the bank sent and we can't use: kept, sealed again, and a case; nothing is dropped (I18)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.ach.reading import Reading
from chalicelib.domain.acknowledgement import Said
from chalicelib.domain.case import Case, CaseKind
from chalicelib.ports import Cases, Files, Signals, Vault

QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """What keeping it needs of the world."""

    files: Files
    vault: Vault
    cases: Cases
    signals: Signals

    def suspend(self, what: str, trace: str, code: str, at: datetime) -> None:
        """What fits no entry of ours is never dropped: it waits for staff."""
        self.signals.count("Suspense")
        self.cases.open_case(
            Case(
                case=f"suspense#{what}#{trace}#{code}",
                kind=CaseKind.SUSPENSE,
                enrollment_id=None,
                reason=f"a {what} {code} for trace {trace} fits no entry of ours",
                opened_at=at,
            )
        )

    def keep(self, key: str, version: str, reading: Reading | Said, at: datetime) -> None:
        """The file is sealed again and kept; the case names the first problems with their place."""
        name = key.rpartition("/")[2]
        sealed = self._sealed(self.files.lines(key, version), name)
        self.files.put(f"quarantine/{name}@{version}", b"\n".join(sealed), "text/plain")
        problems = [f"line {each.line}: {each.fault}" for each in reading.problems[:5]]
        what = "; ".join(problems) or "forward entries, or a batch that can't be relied on"
        self.signals.count("Quarantined")
        self.cases.open_case(
            Case(
                case=f"quarantine#{name}@{version}",
                kind=CaseKind.BANK,
                enrollment_id=None,
                reason=f"{name}: {what}",
                opened_at=at,
            )
        )

    def _sealed(self, lines: Iterable[bytes], name: str) -> list[bytes]:
        return [
            self.vault.seal(QUARANTINE, line.decode("latin-1"), f"{name}#{n}").encode()
            for n, line in enumerate(lines)
        ]
