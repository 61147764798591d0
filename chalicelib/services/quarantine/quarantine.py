"""What the bank sent and we can't use: kept, sealed again, and a case; nothing is dropped (I18)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count, islice

from chalicelib.domain.ach.entries import Originator
from chalicelib.domain.ach.findings import AnswerEntry, ChangeEntry, name_of
from chalicelib.domain.ach.naming import sent_back
from chalicelib.domain.ach.reading import Reading
from chalicelib.domain.acknowledgement import Said
from chalicelib.domain.bank_profile import BankProfile, alien
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.identities import case_id
from chalicelib.domain.money import dollars
from chalicelib.domain.payment import is_payment_id
from chalicelib.domain.purposes import QUARANTINE, SUSPENSE
from chalicelib.ports import Files, Metrics, Vault
from chalicelib.repositories.records import Records
from chalicelib.services.quarantine.suspected_returns import suspect

QUARANTINED = "quarantine"
UNREADABLE_FILE = "unreadable_file"  # while its case is open nothing is called paid (rule 48)
FINGERPRINT_BYTES = 16
LINES_A_PIECE = 100_000  # of a file in quarantine: each piece is held in memory
SAID = 79  # positions of a record before the number that the bank gave it, new in each file


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """What keeping it needs of the world."""

    files: Files
    vault: Vault
    records: Records
    metrics: Metrics
    originator: Originator
    profile: BankProfile

    def fingerprint(self, item: AnswerEntry) -> str:
        """Names what the bank says, whatever file it says it in; nothing can be read from it."""
        return self._name_of(record[:SAID] for record in item.records)

    def suspend(
        self, item: AnswerEntry, why: str, at: datetime, candidates: Sequence[str] = ()
    ) -> None:
        """What can't be booked waits for staff: its records sealed, its case in words (I18).

        `candidates` are payments that it may be about: none of them is called paid meanwhile.
        """
        name = self.fingerprint(item)
        self.put_away_item(f"suspense-{name}", item)
        is_return = not isinstance(item, ChangeEntry)
        what = "return" if is_return else "change"
        # What is no id of ours may be anything, an account number too (rule 33).
        known = name_of(item)
        named = [known] if is_payment_id(known) else []
        whose = f"id {known}" if named else "an id that is none of ours"
        ours = item.original_trace.startswith(self.originator.odfi_id)
        place = f"trace {item.original_trace}" if ours else "a trace that is none of ours"
        # With its day, and a number: staff may have closed that of another one.
        case = case_id("suspense", self._not_closed(f"{name}@{local_day(at)}"))
        self.metrics.count("Suspense")
        self._open_case(
            case,
            CaseKind.SUSPENSE,
            f"a {what} {item.code} of {dollars(item.amount_cents)} for {place}, "
            f"account ending {item.account.last4}, {whose}: {why}{_maybe(candidates)}",
            at,
        )
        suspect(self.records, case, dict.fromkeys((*named, *candidates)) if is_return else (), at)

    def put_away_item(self, name: str, item: AnswerEntry) -> None:
        """Seals its records and its batch's, once, under this name."""
        self._put_away(name, filter(None, (item.heading, *item.records)))

    def put_away(self, what: str, text: str) -> str:
        """Seals a text, once; answers with the name it is kept under."""
        name = f"{what}-{self._name_of([text])}"
        self._put_away(name, [text])
        return name

    def keep(self, key: str, version: str, reading: Reading | Said, at: datetime) -> None:
        """The file is sealed again and kept; the case names the first problems with their place."""
        problems = [f"line {each.line}: {each.fault}" for each in reading.problems[:5]]
        lines = self.profile.unwrapped(self.files.lines(key, version))
        first = next(lines)
        what = "; ".join(problems) or "forward entries, or a batch that can't be relied on"
        is_dumb = isinstance(reading, Reading) and reading.says_nothing
        kind = UNREADABLE_FILE if is_dumb else QUARANTINED
        what = alien(first) or what if is_dumb else what
        case = self.put_aside(key, version, kind, f"{what} ({_what_of_the_rest(reading)})", at)
        whole = isinstance(reading, Reading) and reading.is_understood
        names = sent_back(chain([first], lines), whatever_its_code=not whole)
        suspect(self.records, case, filter(is_payment_id, names), at)

    def put_aside(self, key: str, version: str, kind: str, why: str, at: datetime) -> str:
        """The whole file is sealed as it came and kept; its case says why, and is answered."""
        name = key.rpartition("/")[2]
        lines = enumerate(line.decode("latin-1") for line in self.files.lines(key, version))
        for piece in count(1):
            sealed = self._sealed(islice(lines, LINES_A_PIECE), name)
            if piece == 1 or sealed:
                place = f"quarantine/{name}@{version}{'' if piece == 1 else f'.{piece}'}"
                self.files.put(place, b"\n".join(sealed), "text/plain")
            if len(sealed) < LINES_A_PIECE:
                break
        case = case_id(kind, f"{name}@{version}")
        self.metrics.count("Quarantined")
        self._open_case(case, CaseKind.BANK, f"{name}: {why}", at)
        return case

    def _not_closed(self, name: str) -> str:
        """With the first number under which staff closed no case."""
        names = chain([name], (f"{name}.{n}" for n in count(2)))
        is_closed = self.records.cases.is_closed
        return next(each for each in names if not is_closed(case_id("suspense", each)))

    def _open_case(self, case: str, kind: CaseKind, reason: str, at: datetime) -> None:
        self.records.cases.open_case(Case(case_id=case, kind=kind, reason=reason, opened_at=at))

    def _put_away(self, name: str, texts: Iterable[str]) -> None:
        key = f"quarantine/{name}"
        if not any(self.files.lying(key)):
            self.files.put(key, b"\n".join(self._sealed(enumerate(texts), name)), "text/plain")

    def _name_of(self, texts: Iterable[str]) -> str:
        return self.vault.mac(SUSPENSE, "\n".join(texts))[:FINGERPRINT_BYTES].hex()

    def _sealed(self, texts: Iterable[tuple[int, str]], name: str) -> list[bytes]:
        return [self.vault.seal(QUARANTINE, text, place_of(name, n)).encode() for n, text in texts]


def place_of(name: str, number: int) -> str:
    """What a sealed line is about: no line stands for another."""
    return f"{name}#{number}"


def _maybe(candidates: Sequence[str]) -> str:
    return f"; it may be about {', '.join(candidates)}" if candidates else ""


def _what_of_the_rest(reading: Reading | Said) -> str:
    sound = reading.count if isinstance(reading, Reading) else len(reading.rows)
    was = {0: "nothing of it was applied", 1: "the one sound item was applied"}
    return was.get(sound, f"{sound} sound items were applied")
