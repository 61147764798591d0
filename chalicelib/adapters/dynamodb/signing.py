"""Audit lines of what people on the staff do (invariant I22)."""

from chalicelib.adapters.dynamodb.codec import to_item
from chalicelib.adapters.dynamodb.store import Put
from chalicelib.domain.signature import Signature
from chalicelib.ports import Write


class DynamoAudit:
    """Table `audit`."""

    def signing(self, subject: str, what: str, signature: Signature) -> Write:
        """A person did this to a subject, such as `payment#<id>`."""
        return signing(subject, what, signature)


def signing(subject: str, what: str, signature: Signature) -> Put:
    """The line that goes in the same transaction as what was done."""
    line = f"{signature.at.isoformat()}#{signature.who}#{what}"
    item = {"subject": subject, "line": line, "what": what, **to_item(signature)}
    return Put("audit", item, when={"line": None})
