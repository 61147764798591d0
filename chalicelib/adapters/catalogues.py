"""The languages of pages and letters, and the catalogue of each."""

import gettext
from functools import cache
from pathlib import Path

ENGLISH = "en"  # what the code says itself
CATALOGUES = Path(__file__).resolve().parent.parent / "locale"


@cache
def languages() -> tuple[str, ...]:
    """English, and each whose compiled catalogue is there; only a whole, reviewed one is put there.

    A code is one of BCP 47, as pages tell browsers: es, zh-Hant.
    """
    found = CATALOGUES.glob("*/LC_MESSAGES/messages.mo")
    return (ENGLISH, *sorted(path.parts[-3] for path in found))


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; what none has stays English."""
    return gettext.translation("messages", CATALOGUES, [language], fallback=True)
