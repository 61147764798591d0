"""Numbers nobody can guess."""

import secrets


class SystemRandomness:
    """The operating system's randomness."""

    def token(self) -> str:
        """256 bits, safe in a cookie."""
        return secrets.token_urlsafe(32)

    def code(self, signs: str, length: int) -> str:
        """So many of these signs."""
        return "".join(secrets.choice(signs) for _ in range(length))

    def bytes(self, length: int) -> bytes:
        """So many bytes."""
        return secrets.token_bytes(length)
