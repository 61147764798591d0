"""Who a member says they are, and whether that is who the application names (rule 8)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chalicelib.domain.enrollment import Enrollment, Plan
from chalicelib.domain.errors import Wrong

# Letters whose stroke or ligature Unicode does not take apart into a base letter and an accent; and
# those that are apostrophes, as Hawaiian, Arabic and Hebrew names are written (rule 54).
_PLAIN = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŋ": "n", "\u0131": "i"}
_TWO = {"æ": "ae", "œ": "oe", "þ": "th"}
_APOSTROPHES = dict.fromkeys("\u02b9\u02ba\u02bb\u02bc\u02be\u02bf", "")
_LETTERS = str.maketrans({**_PLAIN, **_TWO, **_APOSTROPHES})
# What shows nothing by itself, beside all of category Cf: a joiner, and variation selectors.
_INVISIBLE = re.compile("[\u034f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_REF_ID = re.compile(r"(?:REF(?:ERENCE)?ID:*)+")  # as portals call it
# What people, and the programs that they copy from, put between digits; a minus among them.
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d.\u00b7]")
_SSN = re.compile(r"(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}", re.ASCII)
# IRS: an individual taxpayer's number has 50 to 65, 70 to 88, 90 to 92 or 94 to 99 in its middle.
_ITIN = re.compile(r"9\d{2}(5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\d{4}", re.ASCII)
_BILLING_ACCOUNT = re.compile(r"7\d{8}", re.ASCII)
_ENROLLMENT_ID = re.compile(r"[A-Z0-9_]{1,40}", re.ASCII)  # all that a feed may bring


class IdType(StrEnum):
    """The three kinds of number a member may have."""

    ENROLLMENT_ID = "enrollment_id"
    SSN = "ssn"
    BILLING_ACCOUNT = "billing_account"


@dataclass(frozen=True, slots=True, repr=False)
class Ssn:
    """A Social Security number: nine digits that were ever given out. Masks itself.

    Who has none may have a taxpayer's number (ITIN) in its place.
    """

    digits: str

    def __repr__(self) -> str:
        return "Ssn(…)"

    __str__ = __repr__

    @classmethod
    def parse(cls, text: str) -> "Ssn":
        """From what a person typed; spaces and dashes don't count. Raises Wrong(ssn)."""
        digits = without_separators(text)
        if not (_SSN.fullmatch(digits) or _ITIN.fullmatch(digits)):
            raise Wrong("ssn")
        return cls(digits)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a member typed to be found: number, name and birthday. Never logged."""

    plan: Plan
    id_type: IdType
    number: Ssn | str
    first_name: str
    last_name: str
    birth_on: date

    def __repr__(self) -> str:
        return f"Claim({self.plan}, {self.id_type})"


def visible(text: str) -> str:
    """A text without invisible characters: they come along when people copy (rule 54)."""
    if text.isascii():
        return text
    return _INVISIBLE.sub("", "".join(c for c in text if unicodedata.category(c) != "Cf"))


def without_separators(text: str) -> str:
    """Digits as typed, without blanks, dashes, dots and invisible characters."""
    shown = (c for c in visible(text) if unicodedata.category(c) != "Cc" or c.isspace())
    return _SEPARATORS.sub("", "".join(shown))


def bare_enrollment_id(text: str) -> str:
    """By what an enrollment id is found: upper case, no separators, no "RefID" before it."""
    bare = without_separators(text).upper()
    called = _REF_ID.match(bare)
    return (bare[called.end() :] if called else "") or bare


def enrollment_id(text: str) -> str:
    """An enrollment id as people type it, bare. Raises Wrong(enrollment_id)."""
    bare = bare_enrollment_id(text)
    if not _ENROLLMENT_ID.fullmatch(bare):
        raise Wrong("enrollment_id")
    return bare


def billing_account(text: str) -> str:
    """Nine digits, the first a 7. Raises Wrong(billing_account)."""
    bare = without_separators(text)
    if not _BILLING_ACCOUNT.fullmatch(bare):
        raise Wrong("billing_account")
    return bare


def same_name(name: str) -> str:
    """What is left of a name when case, accents, blanks, hyphens and apostrophes don't count."""
    # Compatibility letters (fullwidth, mathematical) have no case until they are taken apart.
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    folded = apart.translate(_LETTERS)
    return "".join(c for c in folded if c.isalnum())


def matches(enrollment: Enrollment, claim: Claim) -> bool:
    """Whether name and birthday are those of the application; an initial is only an initial."""
    return (
        enrollment.birth_on == claim.birth_on
        and same_name(enrollment.first_name) == same_name(claim.first_name)
        and same_name(enrollment.last_name) == same_name(claim.last_name)
    )
