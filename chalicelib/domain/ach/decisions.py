"""What can be done about a return: to ledger, mandate, member and staff."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class OnLedger(StrEnum):
    """Which line is posted."""

    RETURN = "return"  # what the payment had paid is owed again
    REFUND_BACK = "refund_back"  # our refund did not arrive: it is the member's credit again
    NOTHING = "nothing"


class OnMandate(StrEnum):
    """What becomes of monthly payments from that account (rule 29)."""

    KEEP = "keep"
    HOLD = "hold"  # nothing is debited until the member agrees again, or staff have decided
    END = "end"


class ReturnLetter(StrEnum):
    """What the member is told. Which words these are, the templates say."""

    NO_FUNDS = "no_funds"  # there was not enough money; a retry can be asked for
    BAD_ACCOUNT = "bad_account"  # this account can't be used: pay from another
    STOPPED = "stopped"  # you asked your bank to stop it: is that for once or for ever?
    REVOKED = "revoked"  # you withdrew your authorization
    NOT_AUTHORIZED = "not_authorized"  # your bank says you did not authorize it
    WRONG_TERMS = "wrong_terms"  # your bank says amount or date were not as authorized
    OUR_MISTAKE = "our_mistake"  # you did nothing wrong
    NOT_TAKEN = "not_taken"  # our file did not get there: nothing was taken from you
    STOPPED_IN_TIME = "stopped_in_time"  # you called before it was sent: nothing was taken
    CAME_BACK = "came_back"  # no reason is named: it may be a matter of grief, or of a court
    NONE = "none"


class ReturnCase(StrEnum):
    """What staff must look at."""

    NONE = "none"
    CONSENT = "consent"  # ask the member before anything else
    REVOKED = "revoked"
    NOT_AUTHORIZED = "not_authorized"  # possibly fraud
    WRONG_TERMS = "wrong_terms"  # may be corrected and sent anew within 60 days
    WRONG_CLASS = "wrong_class"  # a company's account debited as a consumer's
    RECALL = "recall"  # we had asked for it through the ODFI
    ACCOUNT_RESTRICTED = "account_restricted"  # frozen, or takes no debits
    DEATH = "death"
    OUR_DEFECT = "our_defect"  # alarm: our file was wrong
    INCIDENT = "incident"  # alarm: refused or double
    UNEXPECTED = "unexpected"  # alarm: a code that our entries can't have
    BANK_DISPUTE = "bank_dispute"  # banks argue about a return; the books stay as they are
    REFUND_RETURNED = "refund_returned"
    SANCTIONS = "sanctions"  # alarm: speak to the bank first, and to nobody else


class Rate(StrEnum):
    """Which of Nacha's return rates it counts in; every return of a debit counts in all of them."""

    UNAUTHORIZED = "unauthorized"
    ADMINISTRATIVE = "administrative"
    OTHER = "other"
    NONE = "none"


class Window(StrEnum):
    """How long the RDFI may take."""

    TWO_BANKING_DAYS = "two_banking_days"
    SIXTY_DAYS = "sixty_days"
    OPEN = "open"


ALARMING = frozenset(
    {
        ReturnCase.OUR_DEFECT,
        ReturnCase.INCIDENT,
        ReturnCase.UNEXPECTED,
        ReturnCase.SANCTIONS,
    }
)
# Nacha: most of a rate's returns per 10,000 debits of the last 60 days; ALL is over all of them.
LIMITS_PER_10_000 = {Rate.UNAUTHORIZED: 50, Rate.ADMINISTRATIVE: 300}
LIMIT_OF_ALL_PER_10_000 = 1500

# Nacha: a debit returned for want of funds may be presented again as it is, twice, in 180 days.
RETRYABLE = frozenset({"R01", "R09"})


@dataclass(frozen=True, slots=True)
class ReturnDecision:
    """What one return does to ledger, mandate, member and staff."""

    code: str
    meaning: str
    mandate: OnMandate
    letter: ReturnLetter
    case: ReturnCase = ReturnCase.NONE
    rate: Rate = Rate.OTHER
    window: Window = Window.TWO_BANKING_DAYS
    ledger: OnLedger = OnLedger.RETURN
    is_late: bool = False  # it came after its window
    settled_on: date | None = None  # of a return itself, as its batch says
    is_fraud: bool = False  # the bank believes that somebody made the account up

    @property
    def is_final(self) -> bool:
        """Whether it answers an entry: banks may argue on, but no other answer can follow."""
        return self.case is not ReturnCase.BANK_DISPUTE

    @property
    def is_alarming(self) -> bool:
        """Whether somebody is to be woken."""
        return self.case in ALARMING
