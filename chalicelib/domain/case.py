"""A case: something a person on the staff must look at."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CaseKind(StrEnum):
    """Why staff must look."""

    PHONE_MEMBER = "phone_member"  # a mail did not arrive (rule 32)
    MAIL_FAILED = "mail_failed"  # a mail could not be sent
    CAPTCHA_HELP = "captcha_help"  # a member is stuck at the picture (rule 16)
    FEED_REFUSED = "feed_refused"  # a whole feed could not be read
    FEED_HELD = "feed_held"  # a whole feed waits, for it would change too much (rule 40)
    ROWS_REJECTED = "rows_rejected"  # some rows of a feed, which stop no others (rule 40)
    IDENTITY_CHANGED = "identity_changed"  # a row names another than its enrollment (rule 39)
    PERSON_CHANGED = "person_changed"  # a row would make somebody else of the member (rule 39)
    CARRY_OVER = "carry_over"  # monthly payments that could go on with two plans (rule 42)
    DEATH = "death"  # of a member: what is owed, or comes back (rule 46)
    ADJUSTMENT = "adjustment"  # typed by one person; a second one must look (rule 36)
    NEVER_BEGAN = "never_began"  # cancelled from the start, with something left (rule 35)
    DUPLICATE_NUMBER = "duplicate_number"  # two subscribers have one (rule 39)
    EXCLUDED = "excluded"  # a mandate that a run could not decide about (I15)
    NOT_BILLED = "not_billed"  # an enrollment that could not be charged
    NOT_TOLD = "not_told"  # a member whose notice could not be made
    BANK = "bank"  # a file, or an entry in one, that a person must look at
    RETURN = "return"  # a return that asks for a decision of staff
    BINDER_RETURNED = "binder_returned"  # a first payment came back: call at once (rule 43)
    SUSPENSE = "suspense"  # a return or change that fits no entry of ours (I18)
    RUN = "run"  # a run whose counts do not agree, or that is not closed in time
    REFUND = "refund"  # credit left at the end of coverage (rule 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`case_id` is its business identity, so that the same thing opens one case only."""

    case_id: str
    kind: CaseKind
    reason: str
    opened_at: datetime
    enrollment_id: str | None = None
    phone: str | None = None
