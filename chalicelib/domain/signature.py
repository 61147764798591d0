"""Who on the staff did something, why, and when: kept with whatever a person decides."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A person answers for what they did to the money of others."""

    who: str
    why: str
    at: datetime
    identity: str = ""  # the AWS principal that acted; a name alone is only what somebody typed

    def __post_init__(self) -> None:
        assert self.who, "somebody signs"
        assert self.why, "a signature says why"

    def is_repeated_by(self, other: "Signature") -> bool:
        """The same person, for the same reason: a command run again whose answer was lost."""
        mine, theirs = (self.who, self.why, self.identity), (other.who, other.why, other.identity)
        return mine == theirs


def is_one_person(one: "Signature | AuditLine", other: Signature) -> bool:
    """By name, or by the AWS identity behind two names, whatever role it has assumed."""
    if one.identity and _behind(one.identity) == _behind(other.identity):
        return True
    return one.who.strip().casefold() == other.who.strip().casefold()


def _behind(identity: str) -> tuple[str, str]:
    """Account and user: whoever assumes a role must name the session as their user is named."""
    account = identity.split(":")[4] if identity.startswith("arn:") else ""
    return account, identity.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """What was done, by whom where it was a person on the staff, and about what."""

    at: datetime
    what: str
    about: str  # an audit subject, such as payment#<payment id>
    who: str = ""
    why: str = ""
    identity: str = ""
