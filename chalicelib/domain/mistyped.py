"""What people type by mistake, and is right all the same now and then: asked once (rule 57)."""

# Where most people have their mail: the large providers, and the carriers of New England.
COMMON_DOMAINS = frozenset(
    {
        *("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com"),
        *("comcast.net", "verizon.net", "msn.com", "live.com", "me.com", "mac.com", "att.net"),
        *("ymail.com", "mail.com", "rcn.com", "charter.net", "cox.net", "protonmail.com"),
    }
)
SHORTEST_CARD, LONGEST_CARD = 13, 17


def meant_domain(address: str) -> str | None:
    """The common domain that this address is one slip away from; None where it is no slip."""
    domain = address.rpartition("@")[2].casefold()
    if domain in COMMON_DOMAINS:
        return None
    return next((each for each in sorted(COMMON_DOMAINS) if is_one_slip(domain, each)), None)


def is_one_slip(typed: str, meant: str) -> bool:
    """One sign too many, too few, or another; or two that have changed places."""
    if abs(len(typed) - len(meant)) > 1 or typed == meant:
        return False
    start = next(
        (n for n, (one, other) in enumerate(zip(typed, meant, strict=False)) if one != other),
        min(len(typed), len(meant)),
    )
    rest, wanted = typed[start:], meant[start:]
    changed = rest[1:2] + rest[:1] + rest[2:]
    return wanted in (rest[1:], changed) or rest == wanted[1:] or rest[1:] == wanted[1:]


def is_card_number(digits: str) -> bool:
    """Whether a number is as long as a card's, and passes its checksum (Luhn; ISO/IEC 7812-1)."""
    if not SHORTEST_CARD <= len(digits) <= LONGEST_CARD:
        return False
    doubled = [sum(divmod(2 * int(each), 10)) for each in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0
