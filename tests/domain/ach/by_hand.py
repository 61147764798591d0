"""Files made by hand, field by field from the rule book's tables, with no help from the writer.

Sums follow from the lines, so that a test breaks one rule and leaves all the others whole.
A patch is {first position: text}, counted from 1.
"""

ODFI = "08100021"


def patched(line, patch):
    row = line
    for first, text in patch.items():
        row = row[: first - 1] + text + row[first - 1 + len(text) :]
    return row


def file_header(patch=()):
    line = (
        "101 08100021019876543202612031800A094101"
        + "FIRST COMMUNITY BANK".ljust(23)
        + "HEALTH EXCHANGE".ljust(23)
        + " " * 8
    )
    return patched(line, dict(patch))


def batch_header(number=1, patch=()):
    line = (
        "5225"
        + "HEALTH EXCHANGE".ljust(16)
        + " " * 20
        + "1987654320WEB"
        + "HLTH PREM".ljust(10)
        + " " * 6
        + "261204   1"
        + ODFI
        + f"{number:07d}"
    )
    return patched(line, dict(patch))


def entry(trace=1, patch=(), *, code="27", cents=42480, routing="231380104", account="12345678"):
    line = (
        f"6{code}{routing}{account:<17}{cents:010d}"
        f"PAYMENT{trace:08d}" + "MARIA SANTOS".ljust(22) + "S 0" + f"{ODFI}{trace:07d}"
    )
    return patched(line, dict(patch))


def addenda(trace=1, patch=()):
    return patched(f"705{'PREMIUM':<80}0001{trace:07d}", dict(patch))


def return_reason(trace=1):
    return f"799R01{ODFI}{trace:07d}" + " " * 6 + "23138010" + " " * 44 + f"{ODFI}{trace:07d}"


def sums(lines):
    """Count, hash, debits and credits of entry and addenda lines, as 40 characters."""
    entries = [line for line in lines if line[0] == "6"]
    digits = [line for line in entries if (line[3:11] + line[29:39]).isdigit()]
    debits = sum(int(line[29:39]) for line in digits if line[2] in "6789")
    credits_ = sum(int(line[29:39]) for line in digits if line[2] in "1234")
    total = sum(int(line[3:11]) for line in digits) % 10**10
    return len([line for line in lines if line[0] in "67"]), total, debits, credits_


def batch(*lines, number=1, header=(), control=()):
    """Header, lines and the control that follows from them."""
    first = batch_header(number, header)
    count, total, debits, credits_ = sums(lines)
    last = (
        f"8{first[1:4]}{count:06d}{total:010d}{debits:012d}{credits_:012d}{first[40:50]}"
        + " " * 25
        + first[79:94]
    )
    return [first, *lines, patched(last, dict(control))]


def a_file(*batches, header=(), control=(), end="\n"):
    """The bytes of a whole file; without batches, one with one ordinary entry."""
    inside = [line for each in batches or [batch(entry())] for line in each]
    count, total, debits, credits_ = sums(inside)
    blocks = -(-(len(inside) + 2) // 10)
    number = len([line for line in inside if line[0] == "8"])
    last = (
        f"9{number:06d}{blocks:06d}{count:08d}{total:010d}{debits:012d}{credits_:012d}" + " " * 39
    )
    lines = [file_header(header), *inside, patched(last, dict(control))]
    lines += ["9" * 94] * (-len(lines) % 10)
    return end.join([*lines, ""]).encode("latin-1")
