"""A feed that would change too much is held; staff release or refuse it (rule 40).

Nothing of a held feed is imported. It lies sealed in quarantine, and is decided about by a person:
released, it comes in again as it was, in the order of the object that it came with.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.feed_file import form_of
from chalicelib.domain.feed_judgement import RowEffect
from chalicelib.domain.identities import audit_subject, case_id, joined
from chalicelib.domain.purposes import HELD_FEED
from chalicelib.domain.signature import Signature
from chalicelib.ports import Files, Metrics, Vault
from chalicelib.repositories.audit import signing
from chalicelib.repositories.feeds import Feed, PartReport
from chalicelib.repositories.held_feeds import HeldFeed
from chalicelib.repositories.records import Records
from chalicelib.services.enrollment.receipts import FeedState, FeedTotals, Receipts, file_name
from chalicelib.store import ConditionFailed

ROWS_A_REPORT = 1000
PIECE_BYTES = 30_000  # sealed it is still one line of a file

RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHolding:
    """What holding a feed needs of the world."""

    records: Records
    files: Files
    vault: Vault
    metrics: Metrics
    receipts: Receipts

    def hold(
        self,
        feed: Feed,
        key: str,
        version: str,
        digest: str,
        why: Sequence[str],
        effects: Iterable[RowEffect],
        at: datetime,
    ) -> None:
        """Seals it, says so to its sender and to staff, and erases it. Again changes nothing."""
        name = f"{file_name(key)}@{version}"
        slots = self._keep_effects(name, iter(effects))
        held = HeldFeed(
            name=name,
            key=key,
            digest=digest,
            columns=feed.columns,
            arrived_at=at,
            why=tuple(why),
            slots=slots,
        )
        lines = self.files.lines(key, version)
        self.files.put_lines(held.place, self._sealed(lines, name), "text/plain")
        case = Case(
            case_id=case_id("feed_held", name),
            kind=CaseKind.FEED_HELD,
            reason=f"{file_name(key)}: nothing of it was imported: {'; '.join(why)}",
            opened_at=at,
        )
        with suppress(ConditionFailed):  # who held it before died before erasing it
            self.records.commit(
                self.records.held_feeds.holding(held), self.records.cases.opening(case)
            )
        self._tell(held, FeedState.HELD)
        self.metrics.count("FeedsHeld")
        self.files.erase(key, version)

    def release(self, held: HeldFeed, signature: Signature) -> bool:
        """Puts it back where feeds come in; its content is not held again.

        Decided first, so that nobody refuses what is on its way; again it goes on. False where
        another person must release it, too (rule 36). Raises ConditionFailed where somebody else
        decided meanwhile.
        """
        signed = held.with_release(signature)
        if signed.releases_missing:
            if signed != held:
                self.records.commit(
                    self.records.held_feeds.signing(signed, held),
                    *signing(audit_subject("feed", held.name), "released by one", signature),
                )
            return False
        self.records.commit(self.records.held_feeds.releasing(signed, held))
        self.records.feeds.release(held.digest)
        sealed = enumerate(self.files.lines(held.place, ""))
        self.files.put_lines(
            held.key,
            (self._opened(line, held.name, piece) for piece, line in sealed),
            "text/csv",
        )
        self._end(signed, RELEASED, signature)
        return True

    def refuse(self, held: HeldFeed, signature: Signature) -> None:
        """Nothing of it is ever imported; its sealed copy stays. Raises ConditionFailed."""
        self._end(held, "refused", signature)
        self._tell(held, FeedState.REFUSED)

    def totals(self, held: HeldFeed) -> FeedTotals:
        """What its rows come to."""
        return FeedTotals.of(self.records.held_feeds.reports(held.name))

    def _end(self, held: HeldFeed, how: str, signature: Signature) -> None:
        self.records.commit(
            self.records.held_feeds.ending(held, is_release=how == RELEASED),
            *self.records.cases.closing(_case(held), signature, how),
            *signing(audit_subject("feed", held.name), _how(how, held), signature),
        )
        self.records.held_feeds.forget_harmed(held)

    def _keep_effects(self, name: str, effects: Iterator[RowEffect]) -> tuple[int, ...]:
        """What each row would do: for the receipt, and for the 22nd."""
        part, harmed = 0, list[str]()
        while some := list(islice(effects, ROWS_A_REPORT)):
            part += 1
            self.records.held_feeds.keep_report(name, part, _report(some))
            harmed += (each.enrollment_id for each in some if each.harms)
        return self.records.held_feeds.keep_harmed(name, harmed)

    def _tell(self, held: HeldFeed, state: FeedState) -> None:
        reports = self.records.held_feeds.reports
        self.receipts.write(
            held.key,
            state,
            self.totals(held),
            lambda: (each for report in reports(held.name) for each in report.rejected),
            form_of(held.key).unknown(held.columns),
            {"held": _case(held), "held_for": list(held.why)},
        )

    def _sealed(self, lines: Iterable[bytes], name: str) -> Iterator[bytes]:
        for number, piece in enumerate(_pieces(lines)):
            text = self.vault.seal(HELD_FEED, piece.decode(), joined(name, number))
            yield f"{text}\n".encode()

    def _opened(self, line: bytes, name: str, piece: int) -> bytes:
        return self.vault.open(HELD_FEED, line.decode().rstrip("\n"), joined(name, piece)).encode()


def _how(how: str, held: HeldFeed) -> str:
    """With the name of who released it before."""
    others = [each.who for each in held.releases[:-1]]
    return f"{how}, after {', '.join(others)}" if how == RELEASED and others else how


def _case(held: HeldFeed) -> str:
    return case_id("feed_held", held.name)


def _report(effects: Sequence[RowEffect]) -> PartReport:
    good = [each for each in effects if each.reason is None]
    return PartReport(
        accepted=len(good),
        premium_cents=sum(each.premium_cents for each in good),
        balance_cents=sum(each.balance_cents for each in good),
        rejected=tuple((each.line, each.reason) for each in effects if each.reason),
    )


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    piece = b""
    for line in chain(lines, [b""]):
        piece += line
        if piece and (not line or len(piece) > PIECE_BYTES):
            yield piece
            piece = b""
