"""The link in a mail: to what the mail names, as it stands, and to nothing later (rule 58)."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.letters import KINDS
from chalicelib.domain.mail import LINK_ABOUT, LINK_LIVES
from chalicelib.domain.purposes import DRAFT, LINK
from chalicelib.services.mail import mailing
from chalicelib.services.page.mailed_states import MailedState
from tests.builders import a_contact, a_mail
from tests.monthly import WITHDRAWAL, Exchange, at, charge, pay
from tests.stores import mail_rows

NAME = "EN000001"
NEXT_YEAR = {"plan_year": 2027, "coverage_start_on": date(2027, 1, 1)}  # December is not its last


@pytest.fixture
def exchange():
    return Exchange()


@pytest.fixture
def enrollment(exchange):
    return exchange.enroll(**NEXT_YEAR)


def links(exchange, now):
    """Kind of each mail that went out by now, and the token of its link; the newest counts."""
    exchange.post(now)
    sent = [(mail.kind, letter.html) for mail, letter in exchange.here.mailer.sent]
    return {kind: re.search(r" (\S+)</p>", html)[1] for kind, html in sent}


def follow(exchange, token, now):
    return exchange.system.mailed_states.of(token, now)


def payments(state):
    return [(each.cents, str(each.on), each.state) for each in state.payments]


def mandates(state):
    return [(mandate.mandate_id, str(state)) for mandate, state in state.mandates]


def leads_nowhere(exchange, token, now):
    with pytest.raises(NotFound):
        follow(exchange, token, now)
    return True


def moves(exchange, email, now):
    """The member of the standing mandate is reached by another address and phone from now on."""
    [mandate] = exchange.system.records.mandates.of(NAME).standing
    typed = a_contact(email=email, phone="+16175550199")
    exchange.system.contacting.change(exchange.standing(NAME, now), mandate.mandate_id, typed, now)


@pytest.fixture
def confirmed(exchange, enrollment):
    """$100.00 now, and monthly: what its confirmation links to."""
    exchange.sign_up(enrollment, at(3), cents=10000)
    return links(exchange, at(3))["confirmation"]


# --- what it names ------------------------------------------------------------------------------


def test_rule_58_every_kind_of_letter_is_known_by_what_it_names():
    groups = (
        {"confirmation"},
        mailing.OF_MONEY,
        mailing.OF_A_MONTH,
        mailing.OF_A_MANDATE,
        mailing.TO_EACH_ADDRESS,
        mailing.OF_NOTHING,
    )
    assert sorted(kind for group in groups for kind in group) == sorted(KINDS.values())


def test_rule_58_a_confirmation_leads_to_its_payments_and_its_mandate(exchange, confirmed):
    seen = follow(exchange, confirmed, at(3, 10))
    assert payments(seen) == [(10000, "2026-12-03", "received")]
    assert [state for _, state in mandates(seen)] == ["active"]


def test_rule_58_of_one_without_a_payment_now_to_its_mandate(exchange, enrollment):
    exchange.sign_up(enrollment, at(3), cents=0)
    seen = follow(exchange, links(exchange, at(3))["confirmation"], at(3, 10))
    assert payments(seen) == []
    assert [state for _, state in mandates(seen)] == ["active"]


def test_rule_58_what_came_later_is_not_shown(exchange, enrollment, confirmed):
    pay(exchange, NAME, 5000, at(4))
    exchange.tell()
    exchange.withdraw()
    exchange.sign_up(enrollment, at(23), cents=0)  # replaces the mandate
    seen = follow(exchange, confirmed, at(24))
    assert payments(seen) == [(10000, "2026-12-03", "received")]
    assert [state for _, state in mandates(seen)] == ["ended"]


def test_rule_58_a_notice_leads_to_the_withdrawal_of_its_month_and_to_no_other(exchange):
    exchange.member(**NEXT_YEAR)
    exchange.tell()
    token = links(exchange, at(10, 10))["notice"]
    seen = follow(exchange, token, at(11))
    assert (payments(seen), mandates(seen)) == (
        [(42480, "2026-12-22", "planned")],
        [(f"M{NAME}", "active")],
    )
    exchange.withdraw()
    charge(exchange, NAME, 21240, at(23), month="2027-01")
    assert payments(follow(exchange, token, at(23))) == [(42480, "2026-12-22", "received")]
    exchange.tell(month="2027-01")
    assert payments(follow(exchange, token, at(8, month="2027-01"))) == [
        (42480, "2026-12-22", "received")
    ]


def test_rule_58_a_notice_of_monthly_payments_that_were_replaced_plans_nothing_more(
    exchange, enrollment
):
    exchange.authorize(enrollment)
    exchange.tell()
    token = links(exchange, at(10, 10))["notice"]
    exchange.sign_up(enrollment, at(12, 12), cents=0)
    nothing = [(0, "2026-12-22", "planned_nothing")]
    for when in (at(12, 13), at(23)):
        seen = follow(exchange, token, when)
        assert payments(seen) == nothing
        assert mandates(seen) == [(f"M{NAME}", "ended")]
        exchange.withdraw()
    assert exchange.decision()[:2] == ("claimed", 42480)  # of the new ones


def test_rule_58_a_mail_of_the_22nd_leads_to_what_was_decided(exchange):
    exchange.member(**NEXT_YEAR)
    exchange.member("EN000002", owed_cents=0, **NEXT_YEAR)
    exchange.member("EN000003", mandate={"held": True}, **NEXT_YEAR)
    exchange.tell()
    exchange.withdraw()
    links(exchange, at(22, 10))
    sent = {
        (mail.kind, mail.enrollment_id): re.search(r" (\S+)</p>", letter.html)[1]
        for mail, letter in exchange.here.mailer.sent
    }
    taken = follow(exchange, sent["withdrawal", NAME], at(22, 11))
    assert (payments(taken), mandates(taken)) == (
        [(42480, "2026-12-22", "received")],
        [(f"M{NAME}", "active")],
    )
    skipped = follow(exchange, sent["notice", "EN000002"], at(22, 11))
    assert payments(skipped) == [(0, "2026-12-22", "skipped")]
    held = follow(exchange, sent["excluded", "EN000003"], at(22, 11))
    assert (payments(held), mandates(held)) == (
        [(0, "2026-12-22", "excluded")],
        [("MEN000003", "held")],
    )


def test_rule_58_a_cancel_leads_to_its_mandate_and_to_what_is_taken_all_the_same(exchange):
    exchange.member(**NEXT_YEAR)
    exchange.tell()
    exchange.start(WITHDRAWAL, at(22))  # frozen, and nobody has decided
    exchange.system.mandating.cancel(exchange.standing(NAME, at(22)), f"M{NAME}", None, at(22))
    token = links(exchange, at(22))["cancelled"]
    seen = follow(exchange, token, at(22))
    assert (payments(seen), mandates(seen)) == (
        [(42480, "2026-12-22", "planned")],
        [(f"M{NAME}", "ending")],
    )
    exchange.work()
    seen = follow(exchange, token, at(23))
    assert (payments(seen), mandates(seen)) == (
        [(42480, "2026-12-22", "received")],
        [(f"M{NAME}", "ended")],
    )


def test_rule_58_a_cancel_in_time_leads_to_its_mandate_alone(exchange):
    exchange.member(**NEXT_YEAR)
    exchange.tell()
    exchange.system.mandating.cancel(exchange.standing(NAME, at(15)), f"M{NAME}", None, at(15))
    seen = follow(exchange, links(exchange, at(15))["cancelled"], at(16))
    assert (payments(seen), mandates(seen)) == ([], [(f"M{NAME}", "ended")])
    exchange.system.mandating.undo(exchange.standing(NAME, at(16)), f"M{NAME}", at(16))
    seen = follow(exchange, links(exchange, at(16))["undone"], at(17))
    assert (payments(seen), mandates(seen)) == (
        [(42480, "2026-12-22", "planned")],
        [(f"M{NAME}", "active")],
    )


@pytest.mark.parametrize("kind", sorted(mailing.OF_NOTHING))
def test_rule_58_a_mail_that_names_no_payment_and_no_mandate_has_no_link(kind):
    assert mailing.link_of(a_mail(kind=kind, mail_id=f"{kind}.{NAME}")) is None


def test_rules_22_58_a_copy_to_an_address_beside_the_mandate_s_has_no_link(exchange):
    exchange.member(**NEXT_YEAR)
    other = a_contact(email="other@example.com")
    exchange.system.mandating.cancel(exchange.standing(NAME, at(5)), f"M{NAME}", other, at(5))
    links(exchange, at(5))
    found = {mail.to: "None</p>" in letter.html for mail, letter in exchange.here.mailer.sent}
    assert found == {f"{NAME.lower()}@example.com": False, "other@example.com": True}


@pytest.mark.parametrize(
    ("mail_id", "facts", "named"),
    [
        ("paid.PPPPP", {}, ("PPPPP", "")),
        ("not_paid.PPPPP", {}, ("PPPPP", "")),
        ("later.PPPPP.2026-12-08", {}, ("PPPPP", "")),
        ("retry.RRRRR", {}, ("RRRRR", "")),
        ("refund.CCCCC", {}, ("CCCCC", "")),
        ("account_refused.MMMMM", {}, ("MMMMM", "")),  # a prenote has the id of its mandate
        ("account_corrected.PPPPP#C01#a1b2", {}, ("PPPPP", "")),
        ("account_corrected.MMMMM.2", {}, ("MMMMM", "")),
        ("routing.MMMMM.2.1", {}, ("MMMMM", "")),
        ("contact_changed.MMMMM.2.1", {}, ("MMMMM", "")),
        ("undone.MMMMM.3.1", {"on": "2026-12-22"}, ("MMMMM", "2026-12")),
        ("cancelled.MMMMM.2.1", {"coming": "2027-01", "still_cents": None}, ("MMMMM", "")),
        ("replaced.MMMMM.2.1", {"coming": "2027-01", "still_cents": 100}, ("MMMMM", "2026-12")),
        (f"notice.2026-12-10.{NAME}", {"month": "2026-12"}, ("", "2026-12")),
        (f"credit.2026-12.{NAME}", {"month": "2026-12"}, ("", "2026-12")),
        (f"carried.{NAME}", {"month": "2027-01"}, ("", "2027-01")),
        (f"smaller.{NAME}.7", {"on": "2027-01-22"}, ("", "2027-01")),
    ],
)
def test_rule_58_what_a_mail_names_follows_from_its_id_and_its_month(mail_id, facts, named):
    link = mailing.link_of(a_mail(kind=mail_id.partition(".")[0], mail_id=mail_id, facts=facts))
    assert (link.named_id, link.month) == named


# --- how it ends --------------------------------------------------------------------------------


def test_rule_58_a_link_lives_for_30_days(exchange, confirmed):
    last = at(3) + LINK_LIVES
    assert isinstance(follow(exchange, confirmed, last - timedelta(seconds=1)), MailedState)
    assert leads_nowhere(exchange, confirmed, last)


def test_rule_58_an_altered_or_foreign_token_leads_nowhere(exchange, confirmed):
    sealed = exchange.system.vault
    text = sealed.open(LINK, confirmed, LINK_ABOUT)
    altered = [confirmed[:n] + "x" + confirmed[n + 1 :] for n in (0, 3, 9, len(confirmed) - 1)]
    foreign = [sealed.seal(DRAFT, text, LINK_ABOUT), sealed.seal(LINK, text, "another")]
    for token in ["", "x", confirmed[:-1], f"{confirmed}x", *altered, *foreign]:
        assert leads_nowhere(exchange, token, at(4)), token


def test_rule_58_a_link_ends_when_the_address_of_its_mandate_changes(exchange):
    mandate = exchange.member(**NEXT_YEAR)
    exchange.tell()
    exchange.withdraw()
    tokens = links(exchange, at(22, 10))
    assert {"notice", "withdrawal"} == tokens.keys()
    email = mandate.contact.email
    moves(exchange, email.upper(), at(22, 11))
    assert all(follow(exchange, token, at(23)) for token in tokens.values())  # only its case
    moves(exchange, "another@example.com", at(22, 12))
    assert all(leads_nowhere(exchange, token, at(23)) for token in tokens.values())


def test_rule_58_one_payment_of_a_mandate_whose_address_changed_ends_the_whole_link(
    exchange, confirmed
):
    moves(exchange, "another@example.com", at(3, 11))
    assert leads_nowhere(exchange, confirmed, at(4))


def test_rules_22_58_of_the_mails_about_that_only_the_one_to_the_new_address_has_a_link(exchange):
    mandate = exchange.member(**NEXT_YEAR)
    moves(exchange, "another@example.com", at(5))
    exchange.post(at(5))
    sent = {
        mail.to: re.search(r" (\S+)</p>", each.html)[1] for mail, each in exchange.here.mailer.sent
    }
    assert sent.keys() == {"another@example.com", mandate.contact.email}
    assert sent[mandate.contact.email] == "None"
    seen = follow(exchange, sent["another@example.com"], at(6))
    assert mandates(seen) == [(mandate.mandate_id, "active")]


def test_rules_46_58_links_end_with_a_death(exchange, enrollment, confirmed):
    known = exchange.system.records.enrollments.known(NAME)
    died = replace(known, enrollment=replace(enrollment, died=True), feed_order="9")
    exchange.store.write(*exchange.system.records.enrollments.changing(died, known))
    assert leads_nowhere(exchange, confirmed, at(4))


# --- where it is --------------------------------------------------------------------------------


def test_rule_58_a_mail_that_is_sent_again_has_the_same_link(exchange, confirmed):
    (row,) = [row for row in mail_rows(exchange.store) if row["kind"] == "confirmation"]
    mail = exchange.system.records.outbox.get("2026-12-03", row["mail_id"])
    assert exchange.again().system.mailing._token_of(mail) == confirmed


def test_rule_58_the_token_stands_in_no_table(exchange, confirmed):
    body = confirmed.split(".")[2]
    rows = [row for table in exchange.store.items.values() for row in table.values()]
    assert len(rows) > 10
    assert [row for row in rows if body in repr(row)] == []
