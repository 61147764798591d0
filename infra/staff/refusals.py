"""What a person is told when a rule says no to a payment or a credit."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from chalicelib.domain.errors import DomainError, NotFound
from chalicelib.ports import Unsealable
from infra.staff.terminal import wrong

TEXTS = {
    "unknown_payment": "This enrollment has no such payment. `payments` lists those there are.",
    "not_returned": "It has not come back; there is nothing to try again.",
    "not_retryable": "Only R01, R09 and R08 may be tried again. The member can pay on the page.",
    "not_correctable": "Only what came back as R11 is sent once more, put right.",
    "corrected_before": "It was put right and sent once before.",
    "more_than_taken": "This is more than was taken. The member can pay the rest on the page.",
    "never_sent": "It has not gone to the bank: stop it, or undo its file.",
    "too_often": "It was tried again twice already, which is the most that Nacha allows.",
    "already_collected": "It is at the bank, or on its way. Only the member's bank can stop it.",
    "too_late": "The time for this is over.",
    "given_back": "Some of this payment was given back already.",
    "account_refused": "The bank refuses this account since. The member can pay from another.",
    "not_owed": "The whole amount is not owed any more.",
    "withdrawal_coming": "A withdrawal is announced or on its way; both would be too much.",
    "came_back": "The bank took this payment back; there is nothing to give.",
    "not_an_error": "A reversal is for an error of ours only. Refund it instead.",
    "not_sent": "It was not sent to the bank yet. Wait until it was, or leave it out.",
    "not_paid_yet": "It is not paid yet: it may still come back. A refund waits until it is.",
    "not_the_whole": "A reversal is of the whole amount. Refund a part of it instead.",
    "nothing": "The amount must be more than nothing.",
    "more_than_paid": "This is more than is left of the payment.",
    "more_than_credit": "This is more than the credit. If the debit was a mistake, say --mistake.",
    "not_certain_yet": "A payment may still come back. That much waits until it is paid.",
    "not_the_newest": "Credit goes back to the account of the newest paid payment.",
    "refuses_credit": "The bank refuses this account. Say `refund paid-elsewhere`.",
    "goes_to_account": "Some of it can go to the account of the newest payment: `payment refund`.",
    "reference_used": "This reference stands for something else already.",
    "two_people": "You have released it before. Another person must, as themselves in AWS.",
    "typed_by_you": "You have typed it. Another person must release it, as themselves in AWS.",
    "nothing_to_accept": "Nothing of that day waits: it was seen, or accepted, or is not due yet.",
    "no_such_entry": "No entry that went to the bank has this payment id.",
    "other_amount": "That entry has another amount: a return gives back the whole of it.",
    "fits_nothing": "It still fits no entry of ours.",
    "answered_otherwise": "That entry came back before, under another code.",
    "not_returned_at_all": "It has not come back; there is nothing to dispute.",
    "tried_again": "It is being tried again: stop that first, or wait until it is paid or back.",
    "new_account_refused": "The bank has refused this account, or its routing number, before.",
    "corrected_since": "The bank has corrected it for a later entry since.",
    "already_refused": "It was refused before: it goes, or went, with one file.",
    "refused_too_late": "Fifteen days have passed since our bank had it: it can't be refused.",
    "say_code": "Say why: --code, one of C61 to C69 (`correction show` names what we can see).",
    "never_moved": "No bank took it back: nothing had moved.",
    "already_closed": "It counts again already.",
    "already_posted": "It was posted before.",
    "already_released": "It was released before; it is on its way.",
    "already_dropped": "It was dropped before.",
}


@contextmanager
def in_words(missing: str) -> Iterator[None]:
    """Whatever is refused meanwhile is told so; `missing` where nothing is there. Exits."""
    try:
        yield
    except NotFound:
        raise wrong(missing) from None
    except Unsealable:
        raise wrong("What was put away does not open: it was changed since.") from None
    except DomainError as refusal:
        say_no(refusal)


def say_no(refusal: DomainError) -> NoReturn:
    """In the words of whoever asked. Raises typer.Exit."""
    raise wrong(TEXTS.get(refusal.code, "There is no such thing.")) from None
