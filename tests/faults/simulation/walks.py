"""What members do on the page; each writes down what it was answered.

A page that fails is looked at again, three times; then the member comes back another day.
"""

import re
from collections.abc import Callable
from typing import Any

from chalicelib.entrypoints.cookies import VISIT
from chalicelib.entrypoints.page_request import journey_id_of
from tests.faults.simulation.people import Asked, Cancelled, Coverage, Diary, Person
from tests.faults.simulation.weather import Year
from tests.faults.world import TRIES, Failed, Member
from tests.member import BANK, claim_of

OTHER = "000987654321"
AMOUNT = re.compile(r"Amount to pay now.*?\$([\d,]+\.\d\d)")
TAKEN_ALL_THE_SAME = "has already started and is still taken"


class TurnedAway(Exception):
    """The page did not work, however often it was tried."""


class Refused(Exception):
    """A rule of the page said no, in these words."""


class Walk:
    """One visit of one member."""

    def __init__(self, world: Year, diary: Diary, person: Person) -> None:
        self.world, self.diary, self.person = world, diary, person
        self.member = Member(world, source_ip=f"203.0.113.{person.number % 200}")

    def look(self, address: str) -> Any:
        """A page, whole."""
        return self._try(address, lambda: self.member.get(address))

    def send(self, address: str, **fields: str) -> Any:
        """A form; Refused when it comes back."""
        answer = self._try(address, lambda: self.member.post(address, fields))
        if answer.status != 303:
            raise Refused(f"{address} {answer.status}: {_errors(answer.html)}")
        return answer

    def _try(self, address: str, act: Callable[[], Any]) -> Any:
        cookies = dict(self.member.cookies)
        for _ in range(TRIES):
            self.member.cookies = dict(cookies)
            try:
                answer = self.world._invoke(address, act)
            except Failed:
                continue
            if answer.status < 500:
                return answer
        raise TurnedAway(address)

    def find(self, coverage: Coverage, to: str) -> None:
        """Says who they are."""
        self.look("/find")
        self.send("/find", **claim_of(self.person.row(coverage)) | {"to": to})

    # --- paying -----------------------------------------------------------------------------------

    def pay(
        self,
        coverage: Coverage,
        *,
        monthly: bool = False,
        cents: int | None = None,
        number: str,
    ) -> None:
        """All that is owed, or so many cents; up to the answer of Submit."""
        self.find(coverage, "pay")
        self.look("/contact")
        mail = f"m{self.person.number}@example.com"
        self.send("/contact", email=mail, email_again=mail, phone="617-555-0123")
        self._billing(coverage, monthly, cents, number)
        shown = self.look("/review")
        found = AMOUNT.search(shown.text)
        if shown.status != 200 or not found:
            raise Refused(f"/review {shown.status}: {shown.text[:200]}")
        paid = Asked(coverage.enrollment_id, _cents(found[1]), self.world.now(), sure=False)
        fields = {"agree": "yes", **self._picture(shown.html)}
        try:
            self.send("/review", **fields)
        except TurnedAway:
            self.diary.asked.append(paid)
            self.diary.counts["Submits without an answer"] += 1
            raise
        paid.sure = True
        self.diary.asked.append(paid)
        if monthly:
            coverage.monthly = True
            self.diary.set_up[coverage.enrollment_id] = self.world.now()

    def _billing(self, coverage: Coverage, monthly: bool, cents: int | None, number: str) -> None:
        shown = self.look("/billing")
        names = sorted(set(re.findall(r'name="pay_(\w+)"', shown.html)))
        fields = {f"pay_{name}": "none" for name in names}
        fields |= {f"confirm_amount_{name}": "yes" for name in names} | {"confirm_again": "yes"}
        mine = coverage.enrollment_id
        fields |= {f"pay_{mine}": "total" if cents is None else "other"}
        if cents is not None:
            fields |= {f"amount_{mine}": f"{cents / 100:.2f}"}
        fields |= {"account": number, "account_again": number}
        fields |= {"frequency": "monthly" if monthly else "once"}
        self.send("/billing", **{**BANK, **fields})

    def _picture(self, html: str) -> dict[str, str]:
        token = re.search(r'name="captcha_token"[^>]*value="([^"]+)"', html)
        if not token:
            return {}
        journey = journey_id_of(self.member.cookies[VISIT])
        with self.world.gate.stilled():  # the member's own eyes
            said = self.world._invoke("looks", lambda: self.member.answer_of(token[1], journey))
        return {"captcha_token": token[1], "captcha_answer": said}

    # --- monthly payments -------------------------------------------------------------------------

    def cancel(self, coverage: Coverage) -> None:
        """In two clicks, and reads what the page says then."""
        self.find(coverage, "recurring")
        mandate = self._button("cancel", coverage)
        at, mine = self.world.now(), coverage.enrollment_id
        self.diary.perhaps_cancelled.add(mine)  # until the answer comes
        self.send("/recurring", cancel=mandate, confirm_cancel="yes")
        answered = Cancelled(mine, mandate, at)
        self.diary.cancelled.append(answered)
        self.diary.perhaps_cancelled.discard(mine)
        coverage.monthly = False
        answered.is_late = TAKEN_ALL_THE_SAME in _card(self.look("/recurring").html, mandate)

    def undo(self, coverage: Coverage) -> None:
        """Takes it back; without an answer it may be so or not."""
        self.find(coverage, "recurring")
        mandate = self._button("undo", coverage)
        for each in self.diary.cancelled:
            each.undone |= each.mandate_id == mandate
        self.send("/recurring", undo=mandate)
        coverage.monthly = True

    def _button(self, name: str, coverage: Coverage) -> str:
        """Of this coverage's own card."""
        html = self.look("/recurring").html
        title = f"{coverage.plan.title()} plan {coverage.year}</h2>"
        for card in html.split("<article")[1:]:
            found = re.search(rf'name="{name}" value="([^"]+)"', card)
            if found and title in card:
                return found[1]
        raise Refused(f"/recurring: no button to {name}")

    def look_around(self, coverage: Coverage) -> None:
        """What was paid, and what comes."""
        self.find(coverage, "history")
        for address in ("/history", "/recurring"):
            answer = self.look(address)
            if answer.status != 200:
                raise Refused(f"{address} {answer.status}")


def _card(html: str, mandate: str) -> str:
    cards = html.split("<article")[1:]
    found = next((card for card in cards if f'"mandate-{mandate}"' in card), "")
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def _errors(html: str) -> str:
    found = re.findall(r'id="[\w-]+-error"><span[^>]*>Error: ?</span>(.*?)</span>', html, re.DOTALL)
    alerts = re.findall(r'class="usa-alert__text"[^>]*>(.*?)</', html, re.DOTALL)
    return " | ".join(dict.fromkeys(" ".join(each.split()) for each in found or alerts))


def _cents(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))
