"""What the control room says of the bank: files, answers, and whether the books agree."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from chalicelib.domain.bank_statement.movements import NotAStatement
from chalicelib.domain.bank_statement.reading import stated_days
from infra.offline.bank_desk import INBOUND, STATEMENTS
from infra.offline.views import NotThere, Said, Unusable

if TYPE_CHECKING:
    from infra.offline.world import World

RETURNS_IN_TWO_DAYS = ("01", "02", "03", "04", "08", "09", "14", "16", "20")
RETURNS_IN_FIVE_DAYS = ("07", "10")


class BankViews:
    """The bank's side of the world."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._dropped = 0

    def bank_files(self) -> Said:
        """The files that the bank has fetched, oldest first."""
        bank = self._world.pump.bank
        assert bank, "the offline world has a bank"
        return [
            {
                "name": name,
                "entries": judged.entries,
                "debit_cents": judged.debit_cents,
                "credit_cents": judged.credit_cents,
            }
            for name, judged in list(bank.judgements.items())  # the pump may add one meanwhile
        ]

    def bank_file(self, name: str) -> Said:
        """The bytes of one file, as the bank has them."""
        bank = self._world.pump.bank
        if bank is None or name not in bank.files:
            raise NotThere("no such file")
        return bank.files[name]

    def bank_inbound(self, body: bytes) -> Said:
        """Drops a file where the bank drops its own; it is read before this answers."""
        bank = self._world.pump.bank
        assert bank, "the offline world has a bank"
        if not body:
            raise Unusable("send the bytes of a return or NOC file, or an acknowledgement")
        self._dropped += 1
        name = f"{INBOUND}dropped-{self._dropped:04}.ach"
        bank.drop(name, body)
        return {"dropped": name.removeprefix(INBOUND)}

    def bank_statements(self, body: bytes) -> Said:
        """Drops a bank statement; answers, once it is read, as a feed does (rule 48)."""
        bank = self._world.pump.bank
        assert bank, "the offline world has a bank"
        self._dropped += 1
        key = f"{STATEMENTS}dropped-{self._dropped:04}"
        bank.drop(key, body)
        self._world.pump.settle()
        if bank.holds(key):
            raise RuntimeError("the statement lies unread; the terminal says why")
        account = self._world.system.settings.bank_statement_account
        try:
            days = stated_days(body.splitlines(), account)
        except NotAStatement as refusal:
            return {"accepted": 0, "rejected": [{"line": refusal.line, "reason": refusal.why}]}
        return {"accepted": len(days), "rejected": []}

    def reconciliation(self) -> Said:
        """Whether ledger, files and runs agree."""
        now = self._world.clock.now()
        found = self._world.system.reconciling.differences(now)
        return {"agrees": not found, "differences": [asdict(each) for each in found]}

    def bank_accounts(self) -> Said:
        """How the bank offline answers, by account number."""
        rows = [_magic(code, 2) for code in RETURNS_IN_TWO_DAYS]
        rows += [_magic(code, 5) for code in RETURNS_IN_FIVE_DAYS]
        rows.append({"account": "99000101", "answer": "C01", "after_banking_days": 2})
        late = {"account": "99000110", "answer": "R10", "after_banking_days": None}
        rows.append({**late, "after_calendar_days": 45})
        return sorted(rows, key=lambda row: row["account"])


def _magic(code: str, days: int) -> dict[str, Any]:
    return {"account": f"990000{code}", "answer": f"R{code}", "after_banking_days": days}
