"""The hidden field that proves where a form came from; on review, also what it showed."""

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from chalicelib.domain.purposes import PAGE
from chalicelib.ports import Vault

SHOWN, SHOWN_BYTES = ".", 12
VISIT_LETTERS = 16  # of the visit's id; they are signed, and need only tell visits apart
NO_JOURNEY = 0  # of a page that is no step: what it sends concerns the visit

_FORM = re.compile(
    r"([0-9a-f]{16})-([0-9]{1,6})-([A-Za-z0-9_-]{43})(?:\.([0-9a-f]{24}))?", re.ASCII
)


class BadCsrf(Exception):
    """The form did not come from a page of ours: 403."""


@dataclass(frozen=True, slots=True)
class CameFrom:
    """The visit, and the journey in it, whose page a form came from."""

    visit: str  # the first letters of its id
    number: int

    def is_of(self, journey_id: str) -> bool:
        """Whether this is the visit with that id."""
        return journey_id[:VISIT_LETTERS] == self.visit


def csrf_of(vault: Vault, journey_id: str, number: int, showing: str | None = None) -> str:
    """For a page of this visit; a step names its journey, and review adds what it is `showing`."""
    about = SHOWN + _about(vault, showing) if showing is not None else ""
    return _signed(vault, journey_id[:VISIT_LETTERS], number) + about


def came_from(vault: Vault, given: str) -> CameFrom:
    """Which page of ours a form came from. Raises BadCsrf."""
    form = _FORM.fullmatch(given)
    if not form:
        raise BadCsrf
    visit, number = form[1], int(form[2])
    if not hmac.compare_digest(given.partition(SHOWN)[0], _signed(vault, visit, number)):
        raise BadCsrf
    return CameFrom(visit, number)


def _signed(vault: Vault, visit: str, number: int) -> str:
    digest = vault.mac(PAGE, f"csrf|{visit}|{number}")
    return f"{visit}-{number}-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def check_sender(headers: Mapping[str, str]) -> None:
    """What the browser itself says of where a form came from, beside the token. Raises BadCsrf.

    Older browsers say nothing, and `Origin: null` where no referrer may be told (as by us).
    """
    site = headers.get("sec-fetch-site", "same-origin")
    origin = headers.get("origin", "null")
    if site not in ("same-origin", "none"):
        raise BadCsrf
    if origin != "null" and urlsplit(origin).netloc != headers.get("host", ""):
        raise BadCsrf


def shows_this(vault: Vault, given: str, showing: str) -> bool:
    """Whether a form of review came from a page that showed just this, not from an older tab."""
    _, dot, about = given.partition(SHOWN)
    return not dot or hmac.compare_digest(about.encode(), _about(vault, showing).encode())


def _about(vault: Vault, showing: str) -> str:
    return vault.mac(PAGE, f"shown|{showing}")[:SHOWN_BYTES].hex()
