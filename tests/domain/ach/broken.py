"""One file for each rejection rule: it breaks that rule and no other.

`bank` is the name the offline bank gives the refusal; None where a real operator takes the file
(or silently changes it) and only we refuse.
"""

from dataclasses import dataclass

from chalicelib.domain.ach.rejections import Rule
from tests.domain.ach.by_hand import a_file, addenda, batch, entry, return_reason

UNLISTED = "011401533"  # its check digit is good, but the bank is in no directory


@dataclass(frozen=True)
class Broken:
    name: str
    data: bytes
    ours: Rule
    bank: str | None


def one(*lines, header=(), control=()):
    return a_file(batch(*(lines or [entry()]), header=header, control=control))


def replaced(line, text):
    """An ordinary file in which one line (from 1) is another."""
    lines = a_file().decode().split("\n")
    lines[line - 1] = text
    return "\n".join(lines).encode("latin-1")


CREDIT = {2: "220"}
REFUND = {2: "220", 51: "PPD"}

BROKEN = (
    # The whole file
    Broken("a line of 95", replaced(6, "9" * 95), Rule.UNREADABLE_RECORD, "file: unreadable"),
    Broken("a line cut short", replaced(6, "9" * 93), Rule.UNREADABLE_RECORD, "file: unreadable"),
    Broken("record type 4", replaced(6, "4" + "9" * 93), Rule.UNDEFINED_RECORD, "file: undefined"),
    Broken("origin", a_file(header={14: "1111111111"}), Rule.SENDING_POINT, "file: sender"),
    Broken("debit total", a_file(control={32: f"{42481:012d}"}), Rule.FILE_TOTALS, "file: totals"),
    Broken("credit total", a_file(control={44: f"{1:012d}"}), Rule.FILE_TOTALS, "file: totals"),
    Broken("hash", a_file(control={22: f"{23138011:010d}"}), Rule.FILE_HASH, "file: hash"),
    Broken("count", a_file(control={14: "00000002"}), Rule.FILE_COUNT, "file: count"),
    Broken("blocks", a_file(control={8: "000002"}), Rule.BLOCKS, "file: blocks"),
    Broken("missing nines", a_file()[:-95], Rule.BLOCKS, "file: blocks"),
    Broken("batches", a_file(control={2: "000002"}), Rule.BATCHES, "file: batches"),
    Broken("modifier", a_file(header={34: "a"}), Rule.MODIFIER, "file: modifier"),
    Broken("record size", a_file(header={35: "095"}), Rule.SIZES, "file: sizes"),
    Broken("blocking factor", a_file(header={38: "20"}), Rule.SIZES, "file: sizes"),
    Broken("format code", a_file(header={40: "2"}), Rule.SIZES, "file: sizes"),
    Broken("addenda before entry", one(addenda(), entry()), Rule.ORDER, "file: order"),
    Broken("a second file header", replaced(6, a_file().decode()[:94]), Rule.ORDER, "file: order"),
    # A batch
    Broken("character", one(entry(patch={56: "\xc9"})), Rule.CHARACTERS, "batch: characters"),
    Broken("control sign", one(entry(patch={56: "\x07"})), Rule.CHARACTERS, "batch: characters"),
    Broken(
        "ODFI",
        one(entry(patch={80: "12104288"}), header={80: "12104288"}),
        Rule.ODFI,
        "batch: odfi",
    ),
    Broken("service class", one(header={2: "230"}), Rule.SERVICE_CLASS, "batch: service class"),
    Broken("class code", one(header={51: "XYZ"}), Rule.ENTRY_CLASS, "batch: class code"),
    Broken("small class code", one(header={51: "web"}), Rule.ENTRY_CLASS, "batch: class code"),
    Broken(
        "transaction code",
        one(entry(code="40", cents=0)),
        Rule.TRANSACTION_CODE,
        "batch: transaction code",
    ),
    Broken("traces fall", one(entry(2), entry(1)), Rule.TRACE_ORDER, "batch: trace order"),
    Broken("a trace twice", one(entry(1), entry(1)), Rule.TRACE_ORDER, "batch: trace order"),
    Broken(
        "trace prefix",
        one(entry(patch={80: "12104288"})),
        Rule.TRACE_PREFIX,
        "batch: trace prefix",
    ),
    Broken("company name", one(header={5: " " * 16}), Rule.COMPANY_NAME, "batch: company name"),
    Broken("company id", one(header={41: "0" * 10}), Rule.COMPANY_ID, "batch: company id"),
    Broken("description", one(header={54: " " * 10}), Rule.DESCRIPTION, "batch: description"),
    Broken("class in 8", one(control={2: "200"}), Rule.CLASS_UNEQUAL, "batch: class unequal"),
    Broken(
        "a debit among credits",
        one(entry(code="22"), entry(2), header=REFUND),
        Rule.WRONG_SIDE,
        "batch: wrong side",
    ),
    Broken(
        "a credit among debits",
        one(entry(), entry(2, code="22")),
        Rule.WRONG_SIDE,
        "batch: wrong side",
    ),
    Broken(
        "returns among debits",
        one(entry(), entry(2, code="26", patch={79: "1"}), return_reason(2)),
        Rule.MIXED_RETURNS,
        "batch: mixed returns",
    ),
    Broken(
        "batch number in 8",
        one(control={88: "0000002"}),
        Rule.BATCH_NUMBER,
        "batch: batch number",
    ),
    Broken(
        "batch number of letters",
        one(header={88: "000000A"}),
        Rule.BATCH_NUMBER,
        "batch: batch number",
    ),
    Broken("batch count", one(control={5: "000002"}), Rule.OUT_OF_BALANCE, "batch: balance"),
    Broken("batch hash", one(control={11: "0" * 10}), Rule.OUT_OF_BALANCE, "batch: balance"),
    Broken("batch debits", one(control={21: "0" * 12}), Rule.OUT_OF_BALANCE, "batch: balance"),
    Broken("batch credits", one(control={33: "1" * 12}), Rule.OUT_OF_BALANCE, "batch: balance"),
    # An entry
    Broken("no bank", one(entry(routing="0" * 9)), Rule.R13, "entry: R13"),
    Broken("an unlisted bank", one(entry(routing=UNLISTED)), Rule.R13, "entry: R13"),
    Broken("a bank of letters", one(entry(patch={4: "2313801O"})), Rule.R13, "entry: R13"),
    Broken("a debit too early", one(header={70: "261207"}), Rule.R18, "entry: R18"),
    Broken("a live entry of nothing", one(entry(cents=0)), Rule.R19, "entry: R19"),
    Broken("a prenote of something", one(entry(code="28")), Rule.R19, "entry: R19"),
    Broken("an amount of letters", one(entry(patch={30: "00000A2480"})), Rule.R19, "entry: R19"),
    Broken("addenda not said", one(entry(), addenda()), Rule.R25, "entry: R25"),
    Broken("addenda missing", one(entry(patch={79: "1"})), Rule.R25, "entry: R25"),
    Broken(
        "two addenda",
        one(entry(patch={79: "1"}), addenda(), addenda()),
        Rule.R25,
        "entry: R25",
    ),
    Broken(
        "addenda of no kind",
        one(entry(patch={79: "1"}), addenda(patch={2: "03"})),
        Rule.R25,
        "entry: R25",
    ),
    Broken("no name", one(entry(patch={55: " " * 22})), Rule.R26, "entry: R26"),
    Broken("a name of zeros", one(entry(patch={55: "0" * 22})), Rule.R26, "entry: R26"),
    Broken(
        "addenda of another entry",
        one(entry(patch={79: "1"}), addenda(2)),
        Rule.R27,
        "entry: R27",
    ),
    Broken("check digit", one(entry(routing="231380105")), Rule.R28, "entry: R28"),
    # Ours alone
    Broken("another bank's file", a_file(header={5: "121042882"}), Rule.DESTINATION, None),
    Broken("time of the file", a_file(header={30: "2460"}), Rule.CREATION, None),
    Broken("our name", a_file(header={64: "ANOTHER"}), Rule.OUR_NAME, None),
    Broken("our company", one(header={5: "ANOTHER"}), Rule.OUR_NAME, None),
    Broken("no effective date", one(header={70: " " * 6}), Rule.EFFECTIVE_DATE, None),
    Broken("effective date 31 June", one(header={70: "260631"}), Rule.EFFECTIVE_DATE, None),
    Broken("effective yesterday", one(header={70: "261202"}), Rule.EFFECTIVE_DAY, None),
    Broken(
        "a credit on Saturday",
        one(entry(code="22"), header={**REFUND, 70: "261205"}),
        Rule.EFFECTIVE_DAY,
        None,
    ),
    Broken(
        "two million today",
        one(entry(cents=200_000_000), header={70: "261203"}),
        Rule.SAME_DAY_AMOUNT,
        None,
    ),
    Broken("payroll", one(header={54: "PAYROLL   "}), Rule.OUR_DESCRIPTION, None),
    Broken("a WEB credit", one(entry(code="22"), header=CREDIT), Rule.CLASS_AND_SIDE, None),
    Broken("a PPD debit", one(header={51: "PPD"}), Rule.CLASS_AND_SIDE, None),
    Broken(
        "only returns",
        one(entry(code="26", patch={79: "1"}), return_reason()),
        Rule.NOT_FORWARD,
        None,
    ),
    Broken("company in 8", one(control={45: "1111111111"}), Rule.CONTROL_UNEQUAL, None),
    Broken("no account", one(entry(account="")), Rule.ACCOUNT, None),
    Broken("no entry id", one(entry(patch={40: " " * 15})), Rule.ENTRY_ID, None),
    Broken("payment type", one(entry(patch={77: "X"})), Rule.PAYMENT_TYPE, None),
)
