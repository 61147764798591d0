"""A member without a browser: sends the forms of the page, keeps the cookie, follows nothing."""

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests


@dataclass
class Answer:
    """What came back."""

    status: int
    location: str
    html: str
    headers: Any

    @property
    def text(self) -> str:
        """The words of the page, without its tags."""
        bare = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", self.html, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


@dataclass
class Member:
    """Walks the page at `page`, and asks the control room at `room` for the picture's answer."""

    page: str
    room: str
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""
    lang: str = "en"
    last: Answer | None = None

    def get(self, address: str) -> Answer:
        """Looks at a page."""
        return self._answer(requests.get(self._url(address), **self._options(), timeout=60))

    def post(self, address: str, **fields: Any) -> Answer:
        """Sends a form; csrf and lang are added, as the page has them."""
        return self.send(address, {"csrf": self.csrf, "lang": self.lang, **fields})

    def speak(self, language: str, address: str, **fields: str) -> Answer:
        """Presses the button of a language on a form that is filled in like this."""
        pairs = [("csrf", self.csrf), ("lang", self.lang), ("lang", language), *fields.items()]
        self.lang = language
        return self.send(address, pairs)

    def send(self, address: str, fields: Any) -> Answer:
        """Sends just these fields."""
        return self._answer(
            requests.post(self._url(address), data=fields, **self._options(), timeout=60)
        )

    def find(self, claim: dict[str, str], **more: str) -> Answer:
        """Steps 1 and 2."""
        self.get("/find")
        return self.post("/find", **{**claim, **more})

    def contact(self, email: str = "member@example.com") -> Answer:
        """Step 3; being found gave a new secret, and so the page a new csrf."""
        self.get("/contact")
        return self.post("/contact", email=email, email_again=email, phone="617-555-0123")

    def billing(self, **fields: str) -> Answer:
        """Step 4, with a good checking account unless said otherwise."""
        return self.post("/billing", **{**BANK, **fields})

    def submit(self, **fields: str) -> Answer:
        """Review: looks, answers the picture, agrees, submits."""
        shown = self.get("/review")
        answers = {"agree": "yes"}
        token = re.search(r'name="captcha_token"[^>]*value="([^"]+)"', shown.html)
        if token:
            picture = self.ask(f"/captcha/{token[1]}")["picture"]
            answers |= {"captcha_token": token[1], "captcha_answer": picture}
        return self.post("/review", **{**answers, **fields})

    def ask(self, address: str) -> Any:
        """What the control room knows."""
        answer = requests.get(
            f"{self.room}{address}", headers={"Accept": "application/json"}, timeout=60
        )
        return json.loads(answer.text) if answer.ok else answer.status_code

    def tell(self, address: str, body: Any) -> Any:
        """Moves the world: a clock, a feed. It does as it is told, or the story ends here."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = requests.post(f"{self.room}{address}", data=data, timeout=300)
        assert answer.ok, f"{address} was refused: {answer.status_code} {answer.text}"
        return answer.json()

    def _url(self, address: str) -> str:
        return urljoin(self.page, address)

    def _options(self) -> dict[str, Any]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies} if cookies else {}
        return {"headers": headers, "allow_redirects": False}

    def _answer(self, response: requests.Response) -> Answer:
        for cookie in response.raw.headers.getlist("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        csrf = re.search(r'name="csrf"[^>]*value="([^"]+)"', response.text)
        if csrf:
            self.csrf = csrf[1]
        location = urlsplit(response.headers.get("Location", "")).path
        self.last = Answer(response.status_code, location, response.text, response.headers)
        return self.last


BANK = {
    "frequency": "once",
    "account_type": "checking",
    "account_name": "Maria López",
    "account": "000123456789",
    "account_again": "0001 2345 6789",
    "routing": "231380104",
    "routing_again": "2313-8010-4",
}


def claim_of(row: dict[str, str], id_type: str = "enrollment_id") -> dict[str, str]:
    """What the member of a feed row types to be found."""
    year, month, day = row["birth_date"].split("-")
    number = {id_type: row[id_type]}
    if id_type == "ssn":
        number["ssn_again"] = row["ssn"]
    return {
        "to": "pay",
        "plan": row["plan"],
        "id_type": id_type,
        **number,
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "birth_month": month,
        "birth_day": day,
        "birth_year": year,
    }
