"""How a member goes through the page: by the words that stand there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.journeys.people import Person
from tests.member import BANK

WAYS = {
    "enrollment_id": "Enrollment ID",
    "ssn": "Social Security number",
    "billing_account": "Billing Account Number",
}


@dataclass
class Walk:
    """A person before a browser."""

    page: Any
    person: Person
    part: Callable[[str], str] = str  # of a text in English: how the page says it
    whole: Callable[[str], str] = str

    def goto(self, address: str) -> None:
        """Types an address."""
        self.page.goto(f"{self.person.page}{address}")

    def heading(self) -> str:
        """The words of the one h1."""
        heading = self.page.locator("h1")
        assert heading.count() == 1
        return str(heading.inner_text())

    def press(self, words: str) -> None:
        """A button that sends the form; the answer is there when this returns."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=self.part(words)).last.click()

    def type(self, **boxes: str) -> None:
        """Text into boxes, by their names."""
        for name, text in boxes.items():
            self.page.locator(f"[name={name}]").fill(text)

    def find(self, way: str = "enrollment_id", **changed: str) -> None:
        """Steps 1 and 2, from the start page on."""
        self.goto("/")
        self.page.get_by_role("link", name=self.part("Start a payment")).click()
        self.fill_find(way, **changed)
        self.press("Continue")

    def fill_find(self, way: str = "enrollment_id", **changed: str) -> None:
        """All of steps 1 and 2."""
        row = {**self.person.row, **changed}
        self.page.get_by_label(self.part("Health plan")).check()
        self.page.get_by_label(self.whole(WAYS[way]), exact=True).check()
        self.type(**{way: row[way]})
        if way == "ssn":
            self.type(ssn_again=row["ssn"])
        year, month, day = row["birth_date"].split("-")
        self.page.get_by_label(self.part("First name")).fill(row["first_name"])
        self.page.get_by_label(self.part("Last name")).fill(row["last_name"])
        self.page.get_by_label(self.part("Month")).select_option(str(int(month)))
        self.page.get_by_label(self.part("Day")).fill(day)
        self.page.get_by_label(self.part("Year")).fill(year)

    def contact(self) -> None:
        """Step 3."""
        email = self.person.email
        self.page.get_by_label(self.whole("Email address"), exact=True).fill(email)
        self.page.get_by_label(self.part("Type your email address again")).fill(email)
        self.page.get_by_label(self.part("Best phone number")).fill("(617) 555-0123")
        self.press("Continue")

    def choose(self, words: str, card: int = 0, amount: str = "") -> None:
        """How much for one plan."""
        article = self.page.locator("article").nth(card)
        article.get_by_label(self.part(words)).check()
        if amount:
            article.get_by_label(self.part("Amount in dollars and cents")).fill(amount)

    def fill_bank(self) -> None:
        """The bank account."""
        self.page.get_by_label(self.part("One time payment")).check()
        self.page.get_by_label(self.part("Checking")).check()
        self.type(account_name="Ana Pérez")
        account = self.person.account
        self.type(account=account, account_again=f"{account[:4]}-{account[4:]}")
        self.type(routing=BANK["routing"], routing_again=BANK["routing"])

    def billing(self, words: str = "Total you owe", amount: str = "") -> None:
        """Step 4, one plan."""
        self.choose(words, amount=amount)
        self.fill_bank()
        self.press("Continue to review")

    def answer(self) -> None:
        """Agrees, and types what the picture shows."""
        self.page.get_by_label(self.part("I agree")).check()
        token = self.page.locator("#captcha-token").get_attribute("value")
        code = self.person.ask(f"/captcha/{token}")["picture"]
        box = self.page.get_by_label(self.part("Letters and numbers that you see"))
        box.fill(code.lower())

    def review(self) -> None:
        """The last step."""
        self.answer()
        self.press("Submit payment of")

    def to_review(self, words: str = "Total you owe", amount: str = "") -> None:
        """All steps before the last."""
        self.find()
        self.contact()
        self.billing(words, amount)
        assert self.heading().endswith(self.whole("Check your answers"))
