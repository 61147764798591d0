"""What stands behind a mail's link: the list of rule 58, word by word, and one page of nothing."""

import html
import re
from datetime import UTC, datetime

import pytest

from chalicelib.domain.enrollment import Plan
from chalicelib.domain.ledger import LineKind
from chalicelib.domain.mandate import EndReason, MandateState
from chalicelib.domain.payment import PaymentState
from chalicelib.domain.progress import NOT_TAKEN
from chalicelib.domain.withdrawal import Verdict
from chalicelib.services.page.mailed_states import MailedPayment, MailedState
from tests.builders import a_line, a_mandate, an_enrollment
from tests.journeys.canaries import Canaries
from tests.journeys.people import a_row, another_visit
from tests.member import Member

AT = datetime(2026, 12, 3, 17, tzinfo=UTC)
NOW = re.compile(r"[A-Z][a-z]+, [A-Z][a-z]+ \d+, \d{4}, \d+:\d\d [ap]\.m\.")  # the clock runs on
HEAD = (
    "What our email told you about "
    "As it stands on NOW Eastern time. "
    "Later payments are not shown here. "
)
FOOT = (
    " Nothing can be changed here. To pay, to cancel, or to see more, tell us who you are first. "
    "Find your account Print this page"
)
MONEY = {
    "planned": "Planned",
    "planned_nothing": "Nothing is taken",
    PaymentState.RECEIVED: "Received",
    PaymentState.SENT: "Sent to your bank",
    PaymentState.PAID: "Paid",
    PaymentState.NOT_PAID: "Not paid: your bank took it back",
    NOT_TAKEN: "Not paid: nothing was taken",
    "stopped_in_time": "Not paid: you asked us to stop it",
    Verdict.SKIPPED: "Nothing was owed, so nothing was taken",
    "skipped_as_told": "Nothing was taken, as we had told you",
    Verdict.EXCLUDED: "Not taken. We wrote to you why",
}
MONEY_BACK = {
    PaymentState.RECEIVED: "On its way to you",
    PaymentState.SENT: "Sent to your bank",
    PaymentState.PAID: "Paid back to you",
    PaymentState.NOT_PAID: "Your bank did not take it. It is a credit for this plan again",
    NOT_TAKEN: "It could not be sent. It is a credit for this plan again",
}
MONTHLY = {
    (MandateState.ACTIVE, None): "On",
    (MandateState.HELD, None): "On hold",
    (MandateState.ENDING, EndReason.CANCELLED): "Ending",
    (MandateState.ENDING, EndReason.COVERAGE_END): "Ending",
    (MandateState.ENDED, None): "Ended",
    (MandateState.ENDED, EndReason.CANCELLED): "Cancelled on Thursday, December 3, 2026",
    (MandateState.ENDED, EndReason.REPLACED): "Replaced on Thursday, December 3, 2026",
    (MandateState.ENDED, EndReason.RETURNED): "Ended on Thursday, December 3, 2026",
    (MandateState.ENDED, EndReason.DIED): "Ended on Thursday, December 3, 2026",
    (MandateState.ENDED, EndReason.COVERAGE_END): "Ended with your coverage",
}


@pytest.fixture
def shows(world, monkeypatch):
    """The words of the page when a link leads to this."""

    def shows(*, payments=(), mandates=()):
        class Stands:
            def of(self, _token, _now):
                return MailedState(payments=payments, mandates=mandates, addresses=frozenset())

        monkeypatch.setitem(world.system.__dict__, "mailed_states", Stands())
        return words(Member(world.page_url, world.room_url).get("/state/any"))

    return shows


def words(answer):
    assert answer.status == 200
    main = re.search(r"<main.*?</main>", answer.html, re.DOTALL)[0]
    said = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())
    return NOW.sub("NOW", said)


def a_payment(kind=LineKind.PAYMENT, **changed):
    enrollment = an_enrollment(plan_year=2027)
    facts = {"cents": 10000, "on": AT.date(), "is_late": False, "state": "received"}
    line = a_line(kind=kind, amount_cents=-10000, at=AT)
    return MailedPayment(**{"enrollment": enrollment, "line": line, **facts, **changed})


def card(state, kind="Payment on this page", on="Thursday, December 3, 2026"):
    return f"$100.00 {state} Health plan, 2027 Kind of payment {kind} Date {on}"


@pytest.mark.parametrize(("state", "said"), MONEY.items())
def test_rule_58_a_payment_in_every_state(shows, state, said):
    assert shows(payments=[a_payment(state=state)]) == HEAD + card(said) + FOOT


@pytest.mark.parametrize(("state", "said"), MONEY_BACK.items())
def test_rule_58_money_that_goes_back_in_every_state(shows, state, said):
    seen = shows(payments=[a_payment(LineKind.REFUND, state=state)])
    assert seen == HEAD + card(said, "Money back to you") + FOOT


def test_rule_58_every_state_of_money_was_asked():
    assert MONEY.keys() >= {*PaymentState, Verdict.SKIPPED, Verdict.EXCLUDED}


@pytest.mark.parametrize(("state", "said"), MONTHLY.items())
def test_rule_58_a_mandate_in_every_state(shows, state, said):
    state, why = state
    mandate = a_mandate(
        plan=Plan.DENTAL, plan_year=2027, created_at=AT, end_reason=why, ended_at=why and AT
    )
    assert shows(mandates=[(mandate, state)]) == (
        f"{HEAD}Monthly payments {said} Dental plan, 2027 "
        f"Set up on Thursday, December 3, 2026{FOOT}"
    )


def test_rule_58_every_state_of_a_mandate_was_asked():
    assert {state for state, _ in MONTHLY} == set(MandateState)
    assert {why for state, why in MONTHLY if state is MandateState.ENDED} == {None, *EndReason}


def test_rule_58_the_whole_list(shows):
    steps = [("received", AT), ("sent", AT), ("paid", datetime(2026, 12, 9, 1, tzinfo=UTC))]
    seen = shows(
        payments=[
            a_payment(state="paid", reached=steps, confirmation="HC-7K4M-92QX"),
            a_payment(line=None, state="planned", is_late=True),
        ],
        mandates=[(a_mandate(plan_year=2027, created_at=AT), MandateState.ACTIVE)],
    )
    assert seen == (
        f"{HEAD}{card('Paid')} So far Received: Thursday, December 3, 2026 "
        "Sent to your bank: Thursday, December 3, 2026 Paid: Tuesday, December 8, 2026 "
        "Confirmation number HC-7K4M-92QX "
        f"{card('Planned', 'Monthly payment', 'On or after Thursday, December 3, 2026')} "
        f"Monthly payments On Health plan, 2027 Set up on Thursday, December 3, 2026{FOOT}"
    )
    for never in ("María", "Brien", "Silver Care", "6789", "7000", "EN000001"):
        assert never not in seen


# --- a link of a mail, as it came ---------------------------------------------------------------


@pytest.fixture
def address(person):
    """Where the link of a confirmation leads."""
    return address_of(person)


def address_of(person, **fields):
    person.paid(**fields)
    [mail] = person.mails
    [link] = set(re.findall(r"/state/[^\s\"]+", mail["text"] + mail["html"]))
    return link


def a_year_ahead():
    """Monthly payments have a 22nd to come."""
    return a_row(plan_year="2027", coverage_end="", billed_through="2026-12")


def test_rule_58_the_page_knows_nobody_sets_no_cookie_and_is_listed_nowhere(person, address):
    stranger = another_visit(person)
    answer = stranger.get(address)
    assert answer.status == 200
    assert stranger.cookies == {}
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<a class="usa-button" href="/find">' in answer.html
    assert "<form" not in answer.html
    for never in (person.row["first_name"], person.row["last_name"], person.row["plan_name"]):
        assert never not in answer.text
    year = person.row["plan_year"]
    said = re.sub(r"HC-\w{4}-\w{4}", "", words(answer))  # a part of it may be digits alone
    assert set(re.findall(r"\d{4,}", said)) <= {"2026", year}
    assert words(person.get(address)) == words(answer)  # whoever looks, with a visit or without


def test_rule_58_the_token_is_in_the_mail_and_nowhere_else(world, person, address, canaries):
    person.get(address)
    person.get(f"{address}x")
    watched = Canaries({address.rpartition(".")[2]: "link"}, canaries.log)
    assert {place for _, place in watched.found(world)} <= {"a mail", "the call SendEmail"}
    assert '"route":"/state/{token}"' in "".join(canaries.log)


def test_rule_58_every_link_that_leads_nowhere_is_one_page(world, join, wait):
    person, other = join(a_year_ahead()), join()
    monthly, once = address_of(person, frequency="monthly"), address_of(other)
    stranger, token = another_visit(person), once.rpartition("/")[2]
    changed = "B" if token[20] != "B" else "C"
    wrong = [token[:-1], f"{token}A", f"{token[:20]}{changed}{token[21:]}", f"s1.2.{token[5:]}"]
    wrong += [
        "x",
        "A" * 2000,
        "%00",
        f"{token}%20",
        "é",
        world.system.vault.seal("draft", "x", "y"),
    ]
    answers = [stranger.get(f"/state/{each}") for each in wrong]
    answers += [visit.get("/state/x") for visit in (person, other)]  # with a visit, too
    assert stranger.get(monthly).status == stranger.get(once).status == 200
    _moves(person, "another@example.com")
    answers.append(stranger.get(monthly))
    wait(days=30)
    answers.append(stranger.get(once))
    assert {answer.status for answer in answers} == {404}
    assert len({answer.html for answer in answers}) == 1
    assert {answer.headers["X-Robots-Tag"] for answer in answers} == {"noindex"}
    assert [answer for answer in answers if "Set-Cookie" in answer.headers] == []
    assert "No payment was made" not in answers[0].text, "what it named may be paid"


def _moves(person, email):
    """The mandate has another address from now on."""
    [one] = re.findall(r'name="contact" value="(\w+)"', person.get("/recurring").html)
    typed = {"email": email, "email_again": email, "phone": "617-555-0123"}
    assert person.post("/recurring", contact=one, **typed).location == "/recurring"
