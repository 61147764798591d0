"""Nacha's alphabet: what a person's name becomes on its way to the bank."""

import re
import unicodedata

# What Unicode does not take apart into a base letter and an accent, and the typographer's signs.
_LETTERS = str.maketrans(
    {
        "Æ": "AE",
        "Œ": "OE",
        "Ø": "O",
        "Ł": "L",
        "Đ": "D",
        "Ð": "D",
        "Þ": "TH",
        "Ħ": "H",
        "Ŋ": "N",
        "\u2018": "'",
        "\u2019": "'",
        "\u02bc": "'",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
    }
)
_SAYS = re.compile(r"[0-9A-Z]")
_OTHERS = re.compile(r"[^ -~]")


def transliterated(name: str) -> str:
    """José Ángel becomes JOSE ANGEL. Empty when no letter of it can be written in Nacha's alphabet.

    The 2013 rule book allows 0-9, A-Z, a-z, blank and printable ASCII; accents are ours to resolve.
    """
    if name.isascii() and name.isprintable():  # most: then only blanks may be too many
        plain = " ".join(name.upper().split())
        return plain if _SAYS.search(plain) else ""
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name.upper().translate(_LETTERS))
    plain = " ".join(name.upper().split()).encode("ascii", "ignore").decode()
    if not plain.isprintable():
        plain = _OTHERS.sub("", plain)
    plain = " ".join(plain.split())
    return plain if _SAYS.search(plain) else ""
