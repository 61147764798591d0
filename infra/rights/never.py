"""Who may never do what, by hand.

The policies follow what the code does; this stands against them. A recording
would grant whatever a mistake in the code does. Whoever changes a row here says why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from infra.rights.right import Right


@dataclass(frozen=True, slots=True)
class Never:
    """No function but those in `but` may have a right that looks so (`*` stands for anything)."""

    action: str
    resource: str
    why: str
    but: frozenset[str] = frozenset()

    def forbids(self, function: str, right: Right) -> bool:
        """Whether this right is none for that function."""
        return (
            function not in self.but
            and fnmatchcase(right.action, self.action)
            and fnmatchcase(right.resource, self.resource)
        )


def _but(*functions: str) -> frozenset[str]:
    return frozenset(functions)


WRITES_FILES = ("collect", "send_same_day", "send_again")
FILES = (*WRITES_FILES, "settle")
TELLS = ("tell_again",)
READS_BANK = ("read_bank_file", "follow_up")
IMPORTS = ("import_feed", "import_rows")
RUNS = ("bill", "notify", "remind", "withdraw")
SENDERS = ("send_mail",)

NEVER: tuple[Never, ...] = (
    # What is kept stays (I5, I16, I22).
    Never("dynamodb:UpdateItem", "LedgerTable", "lines are never changed"),
    Never("dynamodb:DeleteItem", "LedgerTable", "lines are never removed"),
    Never("dynamodb:UpdateItem", "AuditTable", "what was done was done"),
    Never("dynamodb:DeleteItem", "AuditTable", "what was done was done"),
    Never("dynamodb:DeleteItem", "PaymentsTable", "a payment is never forgotten"),
    Never(
        *(
            "dynamodb:DeleteItem",
            "TransmissionsTable",
            "never forgotten, but for suspected returns that were cleared",
        ),
        _but("settle"),
    ),
    Never("dynamodb:DeleteItem", "EnrollmentsTable", "an enrollment ends, it never goes"),
    Never("dynamodb:DeleteItem", "RunsTable", "a run that was, was"),
    Never("dynamodb:DeleteItem", "KeysTable", "without its key nothing opens again"),
    Never("dynamodb:BatchWriteItem", "*", "it knows no conditions"),
    Never("dynamodb:Scan", "*", "nothing needs a whole table"),
    Never("dynamodb:PartiQL*", "*", "no statement goes past the Store"),
    Never("s3:Delete*", "SealedBucket*", "sealed files never change"),
    Never("s3:*Retention", "*", "nobody unlocks a sealed file"),
    Never("s3:PutObject", "SealedBucket*", "only who writes bank files", _but(*FILES)),
    # Who opens what (I23, rule 33).
    Never(
        *("kms:Decrypt", "SealKey?account", "account numbers: the run, the files, the bank's word"),
        _but("work_shard", *WRITES_FILES, *READS_BANK),
    ),
    Never("kms:Decrypt", "SealKey?quarantine", "kept for staff, no function opens it"),
    Never("kms:Decrypt", "SealKey?held_feed", "staff release a feed, no function opens it"),
    Never("kms:Decrypt", "SealKey?draft", "what was typed is the page's", _but("api_handler")),
    Never("kms:Decrypt", "SealKey?page", "the page's tokens are its own", _but("api_handler")),
    Never(
        *("kms:Decrypt", "SealKey?link", "a link is the sender's to make, and the page's to open"),
        _but("api_handler", *SENDERS),
    ),
    Never("kms:Decrypt", "SealKey", "never without saying what for"),
    Never("kms:Decrypt", "StorageKey", "only by way of a table, a queue or the bucket"),
    Never("kms:Encrypt", "*", "only make_keys wraps keys", _but("make_keys")),
    Never("kms:GenerateDataKey", "SealKey*", "make_keys asks for them wrapped"),
    Never("kms:GenerateDataKeyWithoutPlaintext", "*", "only make_keys", _but("make_keys")),
    Never("kms:*Key*Policy", "*", "keys are given by the template alone"),
    Never(
        "dynamodb:PutItem", "KeysTable", "a foreign public key would open all", _but("make_keys")
    ),
    Never("dynamodb:UpdateItem", "KeysTable", "a key is never another"),
    Never(
        "kms:GenerateMac",
        "*",
        "who names people or accounts",
        _but("api_handler", *IMPORTS, *READS_BANK),
    ),
    # Files in clear.
    Never("s3:Get*", "Bucket/inbound/enrollments/", "feeds hold SSNs", _but(*IMPORTS)),
    Never("s3:Get*", "Bucket/inbound/adjustments/", "they say who owes what", _but(*IMPORTS)),
    Never(
        "s3:Get*",
        "Bucket/inbound/bank/",
        "the bank's words hold account numbers",
        _but(*READS_BANK),
    ),
    Never("s3:Get*", "Bucket/inbound/statements/", "what is on our account", _but(*READS_BANK)),
    Never("s3:Get*", "Bucket/outbound/bank/", "what the bank fetches", _but(*FILES, *READS_BANK)),
    Never("s3:PutObject", "Bucket/outbound/bank/", "what the bank debits", _but(*FILES)),
    Never("s3:PutObject", "Bucket/inbound/*", "nobody of ours speaks for the bank or the exchange"),
    Never(
        "s3:*",
        "Bucket*",
        "the page has no business with files",
        _but(*IMPORTS, *FILES, *READS_BANK, *TELLS),
    ),
    # Whoever looks for unread files sees names and ages, and says them to those who read.
    Never(
        *("s3:*Object*", "Bucket*", "what is in files"),
        _but(*IMPORTS, *FILES, *READS_BANK),
    ),
    Never("events:*", "*", "one function says that files arrived", _but(*TELLS)),
    # Money.
    Never(
        "dynamodb:PutItem",
        "EntriesTable",
        "who makes debits or puts in money's way back",
        _but("api_handler", "work_shard", "follow_up"),
    ),
    Never(
        "dynamodb:*",
        "LedgerTable",
        "mail has no business with the books",
        _but("api_handler", *IMPORTS, "work_shard", *RUNS, "watch", *FILES, *READS_BANK),
    ),
    Never(
        "dynamodb:PutItem",
        "TransmissionsTable",
        "who seals, or hears of what was sealed",
        _but(*FILES, *READS_BANK),
    ),
    # Mail and messages.
    Never("ses:*", "*", "one function sends mail", _but(*SENDERS)),
    Never(
        "sqs:SendMessage",
        "WorkQueue",
        "who starts a run, and shards that hand over",
        _but(*RUNS, "work_shard"),
    ),
    Never("sqs:SendMessage", "FeedQueue", "who cuts a feed", _but("import_feed")),
    Never(
        "sqs:SendMessage",
        "BankQueue",
        "what follows from the bank's files",
        _but(*FILES, *READS_BANK),
    ),
    Never("sqs:PurgeQueue", "*", "no message is thrown away"),
    # Itself.
    Never("iam:*", "*", "no function gives rights"),
    Never("lambda:*", "*", "no function starts another"),
    Never("sts:*", "*", "no function becomes another"),
    Never("logs:*Delete*", "*", "no function forgets what it said"),
)


def broken(function: str, rights: Iterable[Right]) -> list[tuple[Right, str]]:
    """Which of these rights the function may never have, each with the reason."""
    return [(r, never.why) for r in sorted(rights) for never in NEVER if never.forbids(function, r)]
