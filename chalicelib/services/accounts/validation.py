"""An account is validated before it is first debited (Nacha's WEB rule, 2021; rule 12).

An account is named by a keyed digest, made when its number is typed, so that it can be known again
without opening the number.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.identities import joined
from chalicelib.domain.payment import AccountNumber, BankAccount
from chalicelib.domain.purposes import FINGERPRINTS
from chalicelib.ports import Vault
from chalicelib.repositories.accounts import GOOD
from chalicelib.repositories.records import Records
from chalicelib.store import Write

REFUSED = "account_refused"
FINGERPRINT_BYTES = 16
# The bank says that no debit will ever be taken there, or that the member did not allow it.
LASTING = frozenset({"R02", "R03", "R04", "R07", "R10", "R16", "R20", "R29", "R90"})
# Its holder has died, or another bank has it now. Who types it on the page is believed all the
# same; but nothing else begins there: no retry, no correction, no undo (decision 0018).
UNTIL_TYPED = frozenset({"R12", "R14", "R15"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountValidation:
    """What validating needs of the world."""

    records: Records
    vault: Vault

    def fingerprint(self, subscriber_id: str, account: AccountNumber) -> str:
        """Names this account of this subscriber: families share accounts, and are told apart."""
        digits = account.digits.lstrip("0")
        return self.vault.mac(FINGERPRINTS, f"{subscriber_id}|{digits}")[:FINGERPRINT_BYTES].hex()

    def fault(self, fingerprint: str, routing: str) -> str | None:
        """Which box is wrong, as the code of a text; or None.

        What came through once is good, whatever a directory says (Nacha: known good); but where a
        routing number takes no payments any more, nothing is (rule 49).
        """
        if self.records.routing.is_dead(routing):
            return "routing_dead"
        verdict = self.records.accounts.verdict(_name(fingerprint, routing))
        if verdict == GOOD:
            return None
        if verdict and verdict not in UNTIL_TYPED:
            return REFUSED
        return "routing_unknown" if self.records.routing.is_listed(routing) is False else None

    def is_refused(self, account: BankAccount) -> bool:
        """Whether a return speaks against all that nobody types anew."""
        if self.records.routing.is_dead(account.routing):
            return True
        verdict = self.records.accounts.verdict(_name(account.fingerprint, account.routing))
        return verdict not in (None, GOOD)

    def unless_refused(
        self, *accounts: BankAccount, but: frozenset[str] = frozenset()
    ) -> list[Write]:
        """Nothing happens when a return refuses one of them between our reading and this."""
        names = {_name(each.fingerprint, each.routing) for each in accounts}
        routings, alive = {each.routing for each in accounts}, self.records.routing.while_dead
        return [
            *(self.records.accounts.unless_refused(name, but) for name in sorted(names)),
            *(alive(routing, is_dead=False) for routing in sorted(routings)),
        ]

    def is_good(self, account: BankAccount) -> bool:
        """Whether a payment from it came through before: it needs no prenote."""
        return self.records.accounts.verdict(_name(account.fingerprint, account.routing)) == GOOD

    def trust(self, account: BankAccount, at: datetime) -> None:
        """A payment from it was settled and did not come back."""
        self.records.accounts.trust(_name(account.fingerprint, account.routing), at)

    def refusing(
        self, account: BankAccount, code: str, at: datetime, *, is_fraud: bool = False
    ) -> list[Write]:
        """Remembers a return that no other debit of this account will survive."""
        name = _name(account.fingerprint, account.routing)
        if code in LASTING or is_fraud:
            return [self.records.accounts.refusing(name, code, at)]
        before = self.records.accounts.verdict(name)
        if code not in UNTIL_TYPED or before not in (None, GOOD, *UNTIL_TYPED):
            return []  # and what the page refuses stays so
        return [self.records.accounts.refusing(name, code, at, where={before})]


def _name(fingerprint: str, routing: str) -> str:
    return joined(fingerprint, routing)
