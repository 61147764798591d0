"""The hidden field that proves where a form came from; on review, also what it showed."""

import base64
import hmac
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from chalicelib.domain.purposes import PAGE
from chalicelib.ports import Vault

SHOWN, SHOWN_BYTES = ".", 12

_ABOUT = re.compile(r"[0-9a-f]{24}")


class BadCsrf(Exception):
    """The form did not come from a page of this visit: 403."""


def csrf_of(vault: Vault, token: str, showing: str | None = None) -> str:
    """For the browser with this secret; review adds what it is `showing`."""
    digest = vault.mac(PAGE, f"csrf|{token}")
    about = SHOWN + _about(vault, showing) if showing is not None else ""
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") + about


def check_csrf(vault: Vault, token: str | None, given: str) -> None:
    """Raises BadCsrf."""
    whole, dot, about = given.partition(SHOWN)
    if not token or (dot and not _ABOUT.fullmatch(about)):
        raise BadCsrf
    if not hmac.compare_digest(whole.encode("utf-8", "replace"), csrf_of(vault, token).encode()):
        raise BadCsrf


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


def came_from(vault: Vault, given: str, showing: str) -> bool:
    """Whether a form of review came from a page that showed just this, not from an older tab."""
    _, dot, about = given.partition(SHOWN)
    return not dot or hmac.compare_digest(about.encode(), _about(vault, showing).encode())


def _about(vault: Vault, showing: str) -> str:
    return vault.mac(PAGE, f"shown|{showing}")[:SHOWN_BYTES].hex()
