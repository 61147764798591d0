"""An account is validated before it is first debited (Nacha's WEB rule, 2021; rule 12)."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.payment import AccountNumber
from chalicelib.ports import Accounts, Vault, Write

PURPOSE = "accounts"
# The bank says that no debit will ever be taken there, or that the member did not allow it.
LASTING = frozenset({"R02", "R03", "R04", "R07", "R10", "R16", "R20", "R29"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Validating:
    """What validating needs of the world."""

    accounts: Accounts
    vault: Vault

    def fault(self, subscriber_id: str, routing: str, account: AccountNumber) -> str | None:
        """Which box is wrong, as a code for words: routing_unknown, account_refused; or None."""
        if self.accounts.is_listed(routing) is False:
            return "routing_unknown"
        key = self._key(subscriber_id, routing, account)
        return "account_refused" if self.accounts.refusal(key) else None

    def refusing(
        self, subscriber_id: str, routing: str, account: AccountNumber, code: str, at: datetime
    ) -> list[Write]:
        """Remembers a return that no other debit of this account will survive."""
        if code not in LASTING:
            return []
        return [self.accounts.refusing(self._key(subscriber_id, routing, account), code, at)]

    def _key(self, subscriber_id: str, routing: str, account: AccountNumber) -> str:
        # The same account of another subscriber is another matter: families share accounts.
        digits = account.digits.lstrip("0")
        return self.vault.mac(PURPOSE, f"{subscriber_id}|{routing}|{digits}").hex()
