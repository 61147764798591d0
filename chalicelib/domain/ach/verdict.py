"""What becomes of a file of ours: each rule that it breaks, where, and what is in it."""

from dataclasses import dataclass

from chalicelib.domain.ach.rejections import Rule


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that is broken, and on which line."""

    rule: Rule
    line: int


@dataclass(frozen=True, slots=True)
class OperatorVerdict:
    """Whether the operator would take the file as it is; and what is in it."""

    refusals: tuple[Refusal, ...]
    entries: int
    debit_cents: int
    credit_cents: int

    @property
    def is_accepted(self) -> bool:
        """No rule is broken."""
        return not self.refusals

    @property
    def rules(self) -> frozenset[Rule]:
        """Which rules are broken."""
        return frozenset(refusal.rule for refusal in self.refusals)
