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
_BLANKS = re.compile(r"\s+")
_OTHERS = re.compile(r"[^ -~]")


def transliterated(name: str) -> str:
    """José Ángel becomes JOSE ANGEL. Empty when no letter of it can be written in Nacha's alphabet.

    The 2013 rule book allows 0-9, A-Z, a-z, blank and printable ASCII; accents are ours to resolve.
    """
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name.upper().translate(_LETTERS))
    plain = " ".join(_OTHERS.sub("", _BLANKS.sub(" ", name.upper())).split())
    return plain if any(sign.isalnum() for sign in plain) else ""
