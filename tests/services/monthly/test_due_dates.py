"""With an extension set, each mail names the due date that the pages name (rules 6, 13)."""

import pytest

from chalicelib.domain.credit import WhyBack
from chalicelib.domain.payment import EntryKind
from chalicelib.domain.signature import Signature
from tests.bank import THURSDAY, Bank
from tests.builders import a_feed_row
from tests.monthly import NOTICE, at

ONE = "EN000001"
PUT_OFF = "2026-12-28"


@pytest.fixture
def bank():
    return Bank(due_extension_days=5)


def comes_back(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    bank.receive(bank.answer((payment_id, "R01"), when=at(8, 8)), at(8, 8))


def is_told_on_hold(bank):
    bank.member(mandate={"held": True})
    bank.tell()


def undoes(bank):
    mandate = bank.member(mandate={"held": True})
    for change in ("cancel", "undo"):
        act = getattr(bank.system.mandating, change)
        more = (None,) if change == "cancel" else ()
        act(bank.standing(ONE, at(14)), mandate.mandate_id, *more, at(14))


def is_excluded(bank):
    bank.member()
    bank.withdraw()


def is_excluded_unread(bank):
    """All that can still be read of the mandate is its notice."""
    bank.member()
    bank.run(NOTICE, at(10))
    bank.spoil(standing="nonsense")
    bank.withdraw()


def is_given_back(bank):
    payment_id = bank.pays()
    bank.collect(at(3, 18))
    bank.evening(at(8, 20))
    asked = EntryKind.REFUND, WhyBack.MISTAKE, ONE, payment_id, None
    credit = bank.system.crediting.propose(*asked, Signature(who="Ada", why="x", at=at(9)))
    for who in ("Ada", "Grace"):
        signed = Signature(who=who, why="x", at=at(9, 11))
        bank.system.crediting.release(credit.credit_id, signed)


def loses_coverage(bank):
    """Before the withdrawal that was announced."""
    row = a_feed_row(coverage_end="")
    bank.here.drop(row, at=at(2))
    bank.sign_up(bank.system.records.enrollments.get(ONE), THURSDAY)
    bank.tell()
    bank.here.drop({**row, "coverage_end": "2026-12-20"}, at=at(14), name="b.csv")


@pytest.mark.parametrize(
    ("happens", "kind"),
    [
        (comes_back, "not_paid"),
        (is_told_on_hold, "notice"),
        (undoes, "undone"),
        (is_excluded, "excluded"),
        (is_excluded_unread, "excluded"),
        (is_given_back, "refund"),
        (loses_coverage, "coverage_ended"),
    ],
)
def test_rule_06_a_mail_names_the_due_date_with_the_extension(bank, happens, kind):
    happens(bank)
    assert bank.mail(kind)["due_on"] == PUT_OFF


@pytest.mark.parametrize("known_at", [at(5), at(24)])
def test_rule_06_so_does_the_mail_about_the_plan_of_a_new_year(bank, known_at):
    bank.here.drop(a_feed_row(coverage_end="2026-12-31"), at=at(2))
    bank.sign_up(bank.system.records.enrollments.get(ONE), THURSDAY)
    new = {"enrollment_id": "EN000002", "plan_year": "2027", "billing_account": "700000002"}
    row = a_feed_row(**new, coverage_start="2027-01-01", billed_through="2026-12", balance="0.00")
    bank.here.drop(row, at=known_at, name="b.csv")
    assert bank.mail("renewal")["due_on"] == PUT_OFF
