"""What the vault's keys are for: keys are made, and rights are given, from this one table."""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What a key of this purpose can do."""

    BOX = "box"  # sealing needs the public key alone; opening is a right of its own
    SYMMETRIC = "symmetric"  # who seals opens, too
    STEADY = "steady"  # the same; and the same text is always sealed alike
    DIGEST = "digest"  # HMAC; never rotated: what it names must stay findable
    INDEX = "index"  # the same, made by KMS: with its key in a process, all numbers could be tried


# Who may open what: infra/rights/never.py.
ACCOUNT = "account"  # account numbers: the page seals them, the run and the bank's functions open
QUARANTINE = "quarantine"  # what the bank sent and we can't use: for staff, no function opens it
HELD_FEED = "held_feed"  # feeds that wait for staff, who open them to release them
DRAFT = "draft"  # what was typed on a journey; the page reads it again
BANK_FILE = "bank_file"  # files to the bank, proved from their bytes
LINK = "link"  # what a link in a mail leads to: the sender seals it, the page opens it (rule 58)
PAGE = "page"  # tokens against forged requests, challenges
MISSES = "counters"  # who has missed
FINGERPRINTS = "accounts"  # names of accounts
FEED = "feed"  # rows and files that came before
CHANGES = "changes"  # corrections that came before
SUSPENSE = "suspense"  # items in suspense or quarantine that came before

PURPOSES: Mapping[str, Kind] = {
    ACCOUNT: Kind.BOX,
    QUARANTINE: Kind.BOX,
    HELD_FEED: Kind.BOX,
    DRAFT: Kind.SYMMETRIC,
    BANK_FILE: Kind.SYMMETRIC,
    LINK: Kind.STEADY,
    PAGE: Kind.DIGEST,
    MISSES: Kind.DIGEST,
    FINGERPRINTS: Kind.INDEX,
    FEED: Kind.DIGEST,
    CHANGES: Kind.DIGEST,
    SUSPENSE: Kind.DIGEST,
}
