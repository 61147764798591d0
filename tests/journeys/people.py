"""People that a test drops into the world itself, so that it knows what they owe."""

import csv
import io
import itertools
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.feed import COLUMNS
from chalicelib.entrypoints.cookies import VISIT
from infra.offline.world import World
from tests.journeys.canaries import Canaries
from tests.member import BANK, Answer, Member, claim_of

THURSDAY = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)  # 10:00 in New York

_numbers = itertools.count(1)


def a_row(**changed: str) -> dict[str, str]:
    """Somebody new, who owes $212.40 for a health plan of 2026; all else is as changed."""
    n = next(_numbers)
    row = {
        "enrollment_id": f"E{n:08}",
        "subscriber_id": f"S{n:08}",
        "plan": "health",
        "plan_year": "2026",
        "plan_name": "Merrimack Gold 1000",
        "issuer": "Merrimack Mutual Care",
        "billing_account": f"7{n:08}",
        "ssn": f"{400 + n // 9000:03}81{1000 + n % 9000:04}",
        "first_name": "María José",
        "last_name": f"Peña-Rivera {'abcdefghijklmnop'[n % 16]}{'abcdefghijklmnop'[n // 16 % 16]}",
        "birth_date": "1986-04-28",
        "premium": "212.40",
        "balance": "212.40",
        "billed_through": "2026-12",
        "coverage_start": "2026-01-01",
        "coverage_end": "2026-12-31",
        "selected_at": "2025-12-01T15:00:00Z",
    }
    return {**row, **changed}


def next_year(row: dict[str, str], **changed: str) -> dict[str, str]:
    """The same subscriber's enrollment in the plan year 2027; its first payment is still due."""
    again = a_row()
    same = ("subscriber_id", "plan", "ssn", "first_name", "last_name", "birth_date")
    return {
        **again,
        **{name: row[name] for name in same},
        "plan_year": "2027",
        "premium": "231.07",
        "balance": "231.07",
        "billed_through": "2027-01",
        "coverage_start": "2027-01-01",
        "coverage_end": "2027-12-31",
        "selected_at": "2026-11-20T15:00:00Z",
        **changed,
    }


def a_feed(*rows: dict[str, str]) -> bytes:
    """The rows as the exchange sends them."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@dataclass
class Person(Member):
    """A member with an enrollment in the feed; what nobody may ever find is watched."""

    row: dict[str, str] = field(default_factory=dict)
    canaries: Canaries = field(default_factory=Canaries)

    @property
    def enrollment_id(self) -> str:
        """Of the row."""
        return self.row["enrollment_id"]

    @property
    def account(self) -> str:
        """The bank account that is paid from."""
        return f"005{self.row['billing_account']}"

    def claim(self, id_type: str = "enrollment_id", **changed: str) -> dict[str, str]:
        """What this person types to be found."""
        return {**claim_of(self.row, id_type), **changed}

    def found(self, id_type: str = "enrollment_id", **changed: str) -> Answer:
        """Steps 1 and 2."""
        return self.find(self.claim(id_type, **changed))

    def billing(self, **fields: str) -> Answer:
        """Step 4, from the account of one's own; pasted with blanks the second time."""
        own = {"account": self.account, "account_again": f"{self.account[:4]} {self.account[4:]}"}
        return super().billing(**{**own, **fields})

    def pays(self, pay: str = "total", **fields: str) -> Answer:
        """Step 4, with the one enrollment of the row."""
        self.get("/billing")
        return self.billing(**{f"pay_{self.enrollment_id}": pay, **fields})

    def pays_other(self, amount: str, **fields: str) -> Answer:
        """Step 4, another amount."""
        return self.pays("other", **{f"amount_{self.enrollment_id}": amount, **fields})

    def at_review(self, **fields: str) -> Answer:
        """Up to the review page, with the total unless said otherwise."""
        self.found()
        self.contact()
        self.pays(**fields)
        return self.get("/review")

    def submit_as_shown(self) -> Answer:
        """Submit from the review page that was opened before, without another look at it."""
        assert self.last, "there was a page"
        token = re.search(r'name="captcha_token"[^>]*value="([^"]+)"', self.last.html)
        assert token, "it held a picture"
        answer = self.ask(f"/captcha/{token[1]}")["picture"]
        return self.post("/review", agree="yes", captcha_token=token[1], captcha_answer=answer)

    def paid(self, **fields: str) -> str:
        """A whole payment; the confirmation number."""
        self.at_review(**fields)
        assert self.submit().location == "/done", self.last
        return confirmation_of(self.get("/done"))

    @property
    def owed_cents(self) -> int:
        """As the control room says."""
        return int(self.ask(f"/ledger/{self.enrollment_id}")["owed_cents"])

    @property
    def payments(self) -> list[int]:
        """Cents of each payment line in the books."""
        lines = self.ask(f"/ledger/{self.enrollment_id}")["lines"]
        return [line["amount_cents"] for line in lines if line["kind"] == "payment"]

    @property
    def mails(self) -> list[dict[str, str]]:
        """What this person was sent."""
        return [mail for mail in self.ask("/mail") if mail["to"] == self.email]

    @property
    def email(self) -> str:
        """An address of one's own."""
        return f"{self.enrollment_id.lower()}@example.com"

    def contact(self, email: str = "") -> Answer:
        """Step 3."""
        return super().contact(email or self.email)

    def send(self, address: str, fields: Any) -> Answer:
        """As a member does, but what is secret is watched from now on."""
        pairs = fields.items() if isinstance(fields, dict) else fields
        for name, text in () if isinstance(fields, bytes) else pairs:
            if name in ("ssn", "account"):
                self.canaries.watch(name, text)
        answer = super().send(address, fields)
        if VISIT in self.cookies:
            self.canaries.watch("cookie", self.cookies[VISIT])
        return answer


def join(world: World, canaries: Canaries, *rows: dict[str, str]) -> Person:
    """Drops the rows where the feed comes in; the person of the first one."""
    rows = rows or (a_row(),)
    person = Person(world.page_url, world.room_url, row=rows[0], canaries=canaries)
    said = person.tell("/feed", a_feed(*rows))
    assert said == {"accepted": len(rows), "rejected": []}, said
    for row in rows:
        canaries.watch("ssn", row["ssn"])
    return person


def another_visit(person: Person) -> Person:
    """The same person in another browser."""
    return Person(person.page, person.room, row=person.row, canaries=person.canaries)


def confirmation_of(answer: Answer) -> str:
    """The number on the page that says the payment is received."""
    words = [word.strip(".") for word in answer.text.split() if word.startswith("HC-")]
    assert words, answer.text
    return words[0]


__all__ = ["BANK", "THURSDAY", "Person", "a_feed", "a_row", "another_visit", "join", "next_year"]
