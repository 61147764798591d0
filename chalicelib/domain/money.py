"""Money is whole cents (`int`, names end `_cents`); dollars are how people read and type it."""

import re

from chalicelib.domain.errors import Wrong

MOST_CENTS = 10**10 - 1  # Nacha: the amount field of an entry holds ten digits

_MINUS = "-\u2010\u2011\u2012\u2013\u2212"  # also as bills and word processors write it
_TYPED = re.compile(
    rf"\$?([{_MINUS}])?\$?(\d{{1,3}}(?:,\d{{3}}){{1,3}}|\d{{1,9}})?(?:\.(\d{{0,2}}))?\$?", re.ASCII
)
_EXACT = re.compile(r"(-?)(\d{1,8})(\.(\d{1,2}))?", re.ASCII)


def dollars(cents: int) -> str:
    """The amount as on the bill: $1,424.80, -$12.00."""
    whole, odd = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${whole:,}.{odd:02}"


def plain_dollars(cents: int) -> str:
    """The amount as a feed writes it: 1424.80, -12.00."""
    whole, odd = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{odd:02}"


def typed_cents(text: str) -> int:
    """Cents of an amount a person typed: 212.40, $1,424.8, 100., 100$.

    Raises Wrong(amount, amount_negative).
    """
    bare = "".join(text.split())
    match = _TYPED.fullmatch(bare)
    if not match or bare.count("$") > 1 or not any(sign.isdigit() for sign in bare):
        raise Wrong("amount")
    minus, whole, odd = match.groups(default="")
    if minus:
        raise Wrong("amount_negative")
    return int(whole.replace(",", "") or "0") * 100 + int(odd.ljust(2, "0"))


def exact_cents(text: str) -> int:
    """Cents of a feed's amount: at most two decimals, may be negative. Raises Wrong(amount)."""
    match = _EXACT.fullmatch(text)
    if not match:
        raise Wrong("amount")
    cents = int(match[2]) * 100 + int((match[4] or "0").ljust(2, "0"))
    return -cents if match[1] else cents
