"""Rules of the machine: what the bank, the mail service and staff do."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain.credit import WhyBack
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.signature import Signature
from infra.offline.bank.outgoing import corrected_account
from tests.faults import model_bank
from tests.faults.machine_base import Base, hours, picks
from tests.faults.model_books import Books, Money
from tests.faults.model_days import day_of, month_at

DEBIT_CODES = ("R01", "R09", "R01", "R08", "R02", "R03", "R10")
ACCOUNT_CODES = ("R03", "R02")
LONGEST_NUMBER = 15  # that the bank can still correct by two digits more
WHO = st.sampled_from(["Ada", "Grace"])


class Bank(Base):
    """The bank with its answers, and staff with their commands."""

    # --- the bank ---------------------------------------------------------------------------------

    def _settled(self, *kinds: str) -> list[Money]:
        """What the bank has, and could answer by now."""
        today = day_of(self.here.now())
        return [
            each
            for books in self.known()
            for each in books.money.values()
            if each.kind in kinds and each.settles_on and each.settles_on < today
        ]

    def _entry(self, money: Money) -> Any:
        return next(e for e in self.here.taken() if e.person_id.strip() == money.name)

    @precondition(lambda self: self.started and self._settled("payment", "retry", "withdrawal"))
    @rule(after=hours, pick=picks, code=st.sampled_from(DEBIT_CODES), newest=st.booleans())
    def returns(self, after: int, pick: int, code: str, *, newest: bool) -> None:
        """A debit comes back, or comes back once more, or for a second reason."""
        now = self.passes(after)
        choices = self._settled("payment", "retry", "withdrawal")
        fresh = [each for each in choices if not each.back]
        choices = fresh if newest and fresh else choices
        money = choices[pick % len(choices)]
        self.did(f"returns {code}" if not money.back else "returns again")
        self.here.answers(self._entry(money), code)
        model_bank.returned(self.model, money.name, code, now)

    @precondition(lambda self: self.started and self._settled("prenote", "refund"))
    @rule(after=hours, pick=picks, code=st.sampled_from(ACCOUNT_CODES))
    def refuses_an_account(self, after: int, pick: int, code: str) -> None:
        """The account that was asked about, or given money, takes nothing."""
        now = self.passes(after)
        refunds = [each for each in self._settled("refund") if not each.back]
        choices = refunds or self._settled("prenote", "refund")
        money = choices[pick % len(choices)]
        self.did(f"returns a {money.kind}" if not money.back else "returns again")
        self.here.answers(self._entry(money), code)
        model_bank.returned(self.model, money.name, code, now)

    @precondition(lambda self: self.started and self._correctable())
    @rule(after=hours, pick=picks)
    def corrects(self, after: int, pick: int) -> None:
        """C01."""
        now = self.passes(after)
        money = self._correctable()[pick % len(self._correctable())]
        self.did("corrects")
        self.here.answers(self._entry(money), "C01")
        model_bank.corrected(self.model, money.name, corrected_account(money.account), now)

    def _correctable(self) -> list[Money]:
        found = self._settled("payment", "retry", "withdrawal", "prenote")
        return [each for each in found if len(each.account) <= LONGEST_NUMBER]

    @precondition(lambda self: self.started and self.here.files)
    @rule(after=hours, pick=picks)
    def sends_a_file_again(self, after: int, pick: int) -> None:
        """Answers or an acknowledgement, of whichever day: nothing changes (I18)."""
        self.passes(after)
        key, body = self.here.files[pick % len(self.here.files)]
        self.did("sends answers again" if key.endswith(".ach") else "acknowledges again")
        self.here.arrives(key, body)
        self.here.quiet()

    @precondition(lambda self: self.started and self.here.state.sent)
    @rule(after=hours, pick=picks)
    def bounces(self, after: int, pick: int) -> None:
        """Rule 32."""
        self.passes(after)
        mail_id = self.here.state.sent[pick % len(self.here.state.sent)][0]
        rows = self.here.state.store.items["outbox"].values()
        [mail] = [row for row in rows if row["mail_id"] == mail_id and "state" in row]
        self.here.bounces(mail["day"], mail_id)
        self.model.cases[f"phone_member#{mail_id}"] = "open"
        self.did("bounces")

    # --- staff ------------------------------------------------------------------------------------

    def _signed(self, who: str, why: str = "she asked") -> Signature:
        return Signature(who=who, why=why, at=self.here.now())

    def _says(self, act: Callable[[Any], Any], why_not: str | None) -> Any:
        """Staff run a command; it works, or says why not, as the model does."""
        said = self.here.commands(f"staff {self.number()}", act)
        code = getattr(said, "code", None)
        assert code == why_not, f"staff were told {code or said}, not {why_not}"
        return said

    def _came_back(self) -> list[tuple[Books, Money]]:
        return [(b, m) for b in self.known() for m in b.money.values() if m.back and m.is_debit]

    @precondition(lambda self: self.started and self._came_back())
    @rule(after=hours, pick=picks)
    def retries(self, after: int, pick: int) -> None:
        """Rule 31."""
        now = self.passes(after)
        every = self._came_back()
        good = [each for each in every if not model_bank.cannot_retry(self.model, *each, now)]
        choices = good or every
        books, money = choices[pick % len(choices)]
        why_not = model_bank.cannot_retry(self.model, books, money, now)
        by = self._signed("Ada", f"reason {self.number()}")
        said = self._says(lambda here: here.retrying.release(books.name, money.name, by), why_not)
        if not why_not:
            model_bank.retried(books, money, said.payment_id, now, self.model)
        self.here.quiet()
        self.did("retries" if not why_not else "retries, refused")

    def _paid(self) -> list[tuple[Books, Money]]:
        every = [(b, m) for b in self.known() for m in b.money.values() if m.is_debit]
        credit = [(b, m) for b, m in every if b.owed < 0 and m.state == "paid"]
        return credit or every

    @precondition(lambda self: self.started and self._paid())
    @rule(after=hours, pick=picks, more=st.sampled_from([0, 0, 0, 100]), at_once=st.booleans())
    def proposes(self, after: int, pick: int, more: int, *, at_once: bool) -> None:
        """Credit is to go back; sometimes more than there is; sometimes two release it at once."""
        self.passes(after)
        books, money = self._paid()[pick % len(self._paid())]
        cents = min(-books.owed, money.cents) + more
        why_not = model_bank.cannot_give(self.model, books, money, cents)
        by = self._signed("Ada")
        what = (EntryKind.REFUND, WhyBack.CREDIT, books.name, money.name, cents, by)
        said = self._says(lambda here: here.crediting.propose(*what), why_not)
        if not why_not:
            model_bank.proposed(self.model, said.credit_id, books, money.name, cents)
        self.did("proposes" if not why_not else "proposes, refused")
        if at_once and not why_not:
            self._release(said.credit_id, "Ada")
            self._release(said.credit_id, "Grace")

    def _waiting(self) -> list[str]:
        return [name for name, each in self.model.credits.items() if each.state == "proposed"]

    @precondition(lambda self: self.started and self._waiting())
    @rule(after=hours, pick=picks, who=WHO)
    def releases(self, after: int, pick: int, who: str) -> None:
        """By two people; one of them twice is one."""
        self.passes(after)
        self._release(self._waiting()[pick % len(self._waiting())], who)

    def _release(self, name: str, who: str) -> None:
        by, now = self._signed(who), self.here.now()
        why_not = model_bank.released(self.model, name, who, now)
        self._says(lambda here: here.crediting.release(name, by), why_not)
        self.here.quiet()
        given = self.model.credits[name].state == "released"
        self.did("releases, refused" if why_not else "gives back" if given else "releases")

    @precondition(lambda self: self.started and self._waiting())
    @rule(after=hours, pick=picks)
    def drops_a_proposal(self, after: int, pick: int) -> None:
        """It is not to be."""
        self.passes(after)
        name, by = self._waiting()[pick % len(self._waiting())], self._signed("Ada")
        self._says(lambda here: here.crediting.drop(name, by), None)
        self.model.credits[name].state = "dropped"
        self.did("drops")

    @precondition(lambda self: self.started and not any(self.model.stops.values()))
    @rule(after=hours, pick=picks, whole=st.booleans())
    def stops(self, after: int, pick: int, *, whole: bool) -> None:
        """The run of this month, or one mandate in it."""
        run = f"withdrawal#{month_at(self.passes(after))}"
        mandates = [each.name for books in self.known() for each in books.mandates]
        what = "run" if whole or not mandates else mandates[pick % len(mandates)]
        by = self._signed("Ada", f"reason {self.number()}")
        self._says(lambda here: here.running.stop(run, what, "stopped", by), None)
        self.model.stop(run, what)
        self.did("stops a run" if what == "run" else "stops a mandate")

    @precondition(lambda self: self.started and any(self.model.stops.values()))
    @rule(after=hours, pick=picks)
    def goes_on_again(self, after: int, pick: int) -> None:
        """A stop is taken back."""
        self.passes(after)
        every = [(run, what) for run, all_ in self.model.stops.items() for what in sorted(all_)]
        if every:  # else they did so meanwhile
            self._takes_back(*every[pick % len(every)])
            self.did("takes a stop back")

    def _takes_back(self, run: str, what: str) -> None:
        by, now = self._signed("Ada", f"reason {self.number()}"), self.here.now()
        self.model.go_on(run, what)
        self._says(lambda here: here.running.release(run, what, now, by), None)
        self.here.quiet()

    def finishes(self) -> None:
        """Staff leave no run stopped."""
        for run, stops in self.model.stops.items():
            for what in sorted(stops):
                self._takes_back(run, what)
