"""The account an entry debited, and what the bank's answer does to monthly payments (rule 29)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from chalicelib.domain.ach.decisions import OnMandate
from chalicelib.domain.mandate import Debited, EndReason, Mandate, Mandates, Past, RoutingHold
from chalicelib.domain.payment import BankAccount


class SpokenOf(Protocol):
    """What the bank speaks of."""

    def concerns(self, mandate: Mandate) -> bool:
        """Whether that is true of this mandate's debits."""


@dataclass(frozen=True, slots=True)
class RoutingNumber:
    """A routing number, of whomever's account, or of one account."""

    routing: str
    account: BankAccount | None = None

    def concerns(self, mandate: Mandate) -> bool:
        """Whether it is debited there."""
        is_there = mandate.account.routing == self.routing
        return is_there and (self.account is None or mandate.account.is_same(self.account))


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitedAccount:
    """The account that an entry debited, the mandate it was made under, and the entry."""

    account: BankAccount
    mandate_id: str | None
    entry: Debited
    only_at: str | None = None  # a routing number: what the bank says is true there only

    def concerns(self, mandate: Mandate) -> bool:
        """Whether what the bank says of the entry is true of this mandate's debits as well.

        It speaks of the account, whoever asked for the entry; of the mandate that asked also when
        its account has been corrected since, and of one that was corrected for this very entry.
        """
        if self.only_at not in (None, mandate.account.routing):
            return False
        return (
            mandate.mandate_id == self.mandate_id
            or mandate.account.is_same(self.account)
            or self._corrected(mandate)
        )

    def is_outdated_by(self, mandate: Mandate) -> bool:
        """Whether the bank has corrected the mandate's account for a later entry since."""
        last = mandate.corrected_for
        is_later = last is not None and last.settles_on > self.entry.settles_on
        return is_later and not self._corrected(mandate)

    def _corrected(self, mandate: Mandate) -> bool:
        last = mandate.corrected_for
        return last is not None and last.payment_id == self.entry.payment_id


def after_return(
    mandates: Mandates,
    past: Iterable[Mandate],
    debited: SpokenOf,
    effect: OnMandate,
    coming: str,
    at: datetime,
    hold: RoutingHold | None = None,
) -> tuple[Mandates, Past] | None:
    """What goes on is ended or held; so is what an undo could bring back. None: nothing changes.

    `hold`: for that only is it held.
    """

    def touched(each: Mandate) -> Mandate:
        goes_on = each.outlives(coming)
        if not debited.concerns(each) or not (goes_on or each.can_be_undone(coming)):
            return each
        if effect is OnMandate.HOLD:
            return each.holding(hold)
        if goes_on:
            return each.ending(coming, at, EndReason.RETURNED)
        # It ended when its member cancelled it, and for that reason; the return makes it final.
        return replace(each, undo_before=None, version=each.version + 1)

    return None if effect is OnMandate.KEEP else _with_each(mandates, past, touched, at)


def after_hold(
    mandates: Mandates,
    past: Iterable[Mandate],
    number: RoutingNumber,
    hold: RoutingHold,
    coming: str,
) -> tuple[Mandates, Past] | None:
    """The same of whoever pays there and is not held yet (rule 49)."""

    def touched(each: Mandate) -> Mandate:
        goes_on = each.outlives(coming) or each.can_be_undone(coming)
        return each.holding(hold) if goes_on and number.concerns(each) and not each.held else each

    return _with_each(mandates, past, touched, hold.since)


def after_release(
    mandates: Mandates,
    past: Iterable[Mandate],
    routing: str,
    is_refused: Callable[[BankAccount], bool],
    at: datetime,
) -> tuple[Mandates, Past] | None:
    """What only this number held by then is active again (rule 49). None: nothing changes.

    Whose account was refused since stays held, until its member agrees again.
    """

    def touched(each: Mandate) -> Mandate:
        free = each.released(routing, at)
        return each.holding() if free != each and is_refused(each.account) else free

    return _with_each(mandates, past, touched, at)


def _with_each(
    mandates: Mandates, past: Iterable[Mandate], change: Callable[[Mandate], Mandate], at: datetime
) -> tuple[Mandates, Past] | None:
    marked = tuple(after for before in past if (after := change(before)) != before)
    if not marked and all(change(each) == each for each in mandates.standing):
        return None
    changed, over = mandates.with_each(change, at)
    return changed, (*over, *marked)


def after_correction(
    mandates: Mandates,
    past: Iterable[Mandate],
    debited: DebitedAccount,
    corrected: Callable[[Mandate], BankAccount],
    coming: str,
) -> tuple[Mandates, Past] | None:
    """What a run may still meet, or an undo bring back, has its account corrected. None: nothing.

    Also in a month that is frozen: the bank wants it before the next entry.
    """

    def touched(each: Mandate) -> Mandate:
        account = corrected(each) if debited.concerns(each) else each.account
        if account == each.account:
            return each
        hold = each.held_for
        is_free = hold and hold.routing != account.routing
        free = replace(each, held=False, held_for=None) if is_free else each
        version = each.version + 1
        return replace(free, account=account, version=version, corrected_for=debited.entry)

    standing = tuple(touched(each) for each in mandates.standing)
    undoable = [each for each in past if each.can_be_undone(coming)]
    marked = tuple(after for before in undoable if (after := touched(before)) != before)
    if not marked and standing == mandates.standing:
        return None
    return replace(mandates, standing=standing), marked
