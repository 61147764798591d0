"""Which command ends which case; docs/operations.md says what is to be done before."""

import shlex

from chalicelib.domain.identities import kind_of, rest_of

CLOSE = ("case close {case}",)
ENDING = {
    "person_changed": ("case accept {case}",),
    "feed_held": ("feed show {about}", "feed release {about}", "feed refuse {about}"),
    "uncertain_send": (
        "file release {about} --bank-has-it",
        "file release {about} --bank-has-not",
    ),
    "stale_transmission": ("file release {about} --bank-has-not",),
    "refused_file": ("file undo {about}",),
    "left_out": ("payment undo {about}",),
    "adjustment": ("adjustment release {about}", "adjustment drop {about}"),
    "change": (
        "correction show {case}",
        "correction apply {case}",
        "correction refuse {case}",
        "case close {case}",
    ),
    "routing": ("routing hold NUMBER", "routing release NUMBER", "case close {case}"),
    "quarantine": ("quarantine again {case}", "case close {case}"),
    "unreadable_file": ("quarantine again {case}", "case close {case}"),
    "suspense": (
        "suspense book {case} --to PAYMENT",
        "suspense again {case}",
        "suspense drop {case}",
    ),
    "settlement": ("settlement show {about}", "settlement accept {about}"),
    "statement_missing": ("settlement show {about}", "settlement accept {about}"),
    "credit": ("credit release {about}", "credit drop {about}"),
}
"""The beginning of a case -> the commands that end it; every other one is closed."""

HAVE_STATES = frozenset({"adjustment", "credit", "suspense", "settlement", "statement_missing"})
"""What waits under them is listed by its open case: closed alone, it would be found no more."""


def commands_of(case_id: str) -> list[str]:
    """As they are typed in a shell; each asks for a reason besides."""
    case, about = shlex.quote(case_id), shlex.quote(rest_of(case_id))
    endings = ENDING.get(kind_of(case_id), CLOSE)
    return [each.format(case=case, about=about) for each in endings]
