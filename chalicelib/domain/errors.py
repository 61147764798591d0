"""What a rule answers when it says no. Expected; never pages anyone."""


class DomainError(Exception):
    """A rule said no. `code` is stable and safe to log; it never holds what a person typed."""

    code = "refused"


class NotFound(DomainError):
    """There is no such thing, or it is not this member's."""

    code = "not_found"


class Wrong(DomainError):
    """A value has not the form it must have. `code` says which rule of form."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class FeedRefused(DomainError):
    """A feed can't be read as a whole; nothing of it was imported."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason
        self.code = "feed_refused"
