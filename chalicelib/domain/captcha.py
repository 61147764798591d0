"""The challenge on the review page: a signed token, and two codes that follow from it (rule 16).

Nothing is stored to show one: any worker that holds the key can draw the same picture and speak the
same digits again. Only an answered token is kept, so that it can be used once.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.errors import Wrong
from chalicelib.domain.identification import without_separators

PICTURE_SIGNS = "ACDEFHKLMNPRTVWXY34679"  # no look-alikes
DIGITS = "0123456789"
CODE_LENGTH = 6
LIFETIME = timedelta(minutes=30)
MISSES_BEFORE_HELP = 3

_SEED_BYTES, _TIME_BYTES, _MAC_BYTES = 16, 5, 16

Mac = Callable[[str], bytes]
"""HMAC-SHA-256 of a text under the page's key."""


class AnswerVerdict(StrEnum):
    """What was found of an answer; the same Submit again gets the same one."""

    RIGHT = "right"
    WRONG = "wrong"
    USED = "used"  # this token was answered before, otherwise
    EXPIRED = "expired"  # or never one of ours


@dataclass(frozen=True, slots=True)
class Challenge:
    """A token of this journey that has not expired."""

    token: str
    expires_at: datetime

    def picture_code(self, mac: Mac) -> str:
        """Six letters and numbers."""
        return _code("picture", self.token, PICTURE_SIGNS, mac)

    def audio_code(self, mac: Mac) -> str:
        """Six digits of their own: spoken letters sound alike."""
        return _code("audio", self.token, DIGITS, mac)

    def is_answered_by(self, answer: str, mac: Mac) -> bool:
        """Either code counts; case and separators don't."""
        typed = without_separators(answer).upper().encode()
        codes = (self.picture_code(mac), self.audio_code(mac))
        matches = [hmac.compare_digest(typed, code.encode()) for code in codes]
        return any(matches)  # both are compared, whichever is right


def new_challenge(seed: bytes, journey_id: str, now: datetime, mac: Mac) -> Challenge:
    """A challenge for this journey; `seed` is 16 random bytes."""
    expires_at = (now + LIFETIME).replace(microsecond=0)
    head = seed[:_SEED_BYTES] + int(expires_at.timestamp()).to_bytes(_TIME_BYTES)
    return Challenge(_text(head + _sign(head, journey_id, mac)), expires_at)


def open_challenge(token: str, journey_id: str, now: datetime, mac: Mac) -> Challenge:
    """The challenge of a token. Raises Wrong(captcha_expired) for one not good here and now."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise Wrong("captcha_expired") from None
    head, signature = raw[: _SEED_BYTES + _TIME_BYTES], raw[_SEED_BYTES + _TIME_BYTES :]
    if token != _text(raw) or not hmac.compare_digest(signature, _sign(head, journey_id, mac)):
        raise Wrong("captcha_expired")
    expires_at = datetime.fromtimestamp(int.from_bytes(head[_SEED_BYTES:]), UTC)
    if now >= expires_at:
        raise Wrong("captcha_expired")
    return Challenge(token, expires_at)


def spent_id(token: str) -> str:
    """Under which an answered token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def _sign(head: bytes, journey_id: str, mac: Mac) -> bytes:
    return mac(f"captcha|{journey_id}|{head.hex()}")[:_MAC_BYTES]


def _code(which: str, token: str, signs: str, mac: Mac) -> str:
    number = int.from_bytes(mac(f"captcha-code|{which}|{token}"))
    picked = []
    for _ in range(CODE_LENGTH):
        number, index = divmod(number, len(signs))
        picked.append(signs[index])
    return "".join(picked)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
