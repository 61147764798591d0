"""What may be paid, what is asked once, and what is refused at the box (rules 4 to 7, 11 to 14)."""

import re

from tests.entrypoints.reading import Page
from tests.journeys.people import a_row, another_visit, next_year


def at_billing(member):
    member.found()
    member.contact()
    return member.get("/billing")


def error_at(answer, field):
    found = re.search(rf'id="{field}-error">(.*?)</span>([^<]*)</span>', answer.html)
    return found and found[2]


def asks(answer):
    """What is asked, where nothing is wrong (rule 56)."""
    assert "Error:" not in answer.html
    return Page(answer.html).questions


def yes_to(member):
    return {f"confirm_amount_{member.enrollment_id}": "yes"}


def test_rule_4_credit_is_shown_as_credit_and_never_moves_to_another(join):
    this_year = a_row(balance="-30.00")
    member = join(this_year, next_year(this_year))
    shown = at_billing(member).text
    assert "You owe nothing You have a credit of $30.00" in shown
    assert "Total you owe: $231.07" in shown


def test_rule_5_this_months_premium_is_named_by_its_coverage_month(join):
    member = join(a_row(plan_year="2027", coverage_end="2027-12-31", premium="212.40"))
    assert "Premium for January 2027 $212.40" in at_billing(member).text


def test_rule_7_a_first_payment_of_less_than_the_total_asks_once_and_is_taken(join):
    member = join(next_year(a_row()))
    assert "No payment counts yet, so your coverage may not start on" in at_billing(member).text
    answer = member.pays_other("100.00")
    assert answer.status == 422
    words = "This is your first payment. If you pay less, your coverage will not start"
    assert words in answer.text
    assert asks(answer) == {f"confirm_amount_{member.enrollment_id}": f"{words}."}
    assert member.pays_other("100.00", **yes_to(member)).location == "/review"
    assert member.submit().location == "/done"
    assert member.payments == [-10000]


def test_rule_7_a_first_payment_of_nothing_asks_too(join):
    this_year = a_row()
    coming = next_year(this_year)
    member = join(coming, this_year)
    at_billing(member)
    total = {f"pay_{this_year['enrollment_id']}": "total"}
    assert "your coverage will not start" in member.pays_other("0.00", **total).text
    assert member.pays_other("0.00", **total, **yes_to(member)).location == "/review"


def test_rule_7_after_the_23rd_the_page_says_before_any_bank_details_that_coverage_may_be_late(
    join,
):
    member = join(a_row(coverage_start="2026-12-04"))
    text = at_billing(member).text
    late = text.index("so it may start a month later. Pay the whole total by")
    assert late < text.index("Your bank account")


def test_rule_13_less_than_the_total_says_what_stays_owed_and_by_when(person):
    at_billing(person)
    person.pays_other("200")
    review = person.get("/review").text
    assert "After this payment you still owe $12.40, due by Wednesday, December 23, 2026." in review


def test_rule_13_more_than_the_total_asks_once(person):
    at_billing(person)
    answer = person.pays_other("212.41")
    assert answer.status == 422
    assert "This is more than you owe. The rest stays as a credit" in answer.text
    assert person.pays_other("212.41", **yes_to(person)).location == "/review"
    assert "$0.01 stays as credit for this plan" in person.get("/review").text


def test_rule_13_more_than_twelve_premiums_ahead_is_refused_at_the_box(person):
    at_billing(person)
    most = 21240 * 13
    answer = person.pays_other(f"{(most + 1) / 100:.2f}", **yes_to(person))
    assert answer.status == 422
    assert "more than you owe and 12 months" in error_at(answer, f"amount_{person.enrollment_id}")
    assert person.pays_other(f"{most / 100:.2f}", **yes_to(person)).location == "/review"


def test_rule_13_above_the_ceiling_the_page_gives_the_phone_number(join):
    member = join(a_row(premium="2500.00", balance="20000.01"))
    at_billing(member)
    answer = member.pays("total")
    assert answer.status == 422
    words = error_at(answer, f"pay_{member.enrollment_id}")
    assert words == "This is more than we can take online. Call 1-877-623-6765 to pay it"
    assert member.pays_other("20000.00").location == "/review"


def test_rule_13_monthly_whose_first_withdrawal_would_be_above_the_ceiling_is_refused(join):
    member = join(
        a_row(plan_year="2027", coverage_end="", premium="2500.00", balance="18000.01")
    )  # and January's charge
    at_billing(member)
    answer = member.pays_other("499.99", frequency="monthly")
    assert answer.status == 422
    words = error_at(answer, f"amount_{member.enrollment_id}")
    assert words == (
        "Then the rest, to take on the 22nd, is more than we can take online. Call 1-877-623-6765"
    )
    assert member.pays_other("499.99").location == "/review", "once it can be paid in parts"
    assert member.pays_other("500.01", frequency="monthly").location == "/review"


def test_rule_13_with_nothing_now_what_is_above_the_ceiling_is_not_called_a_rest(join):
    member = join(
        a_row(plan_year="2027", coverage_end="", premium="2500.00", balance="18000.01")
    )  # and January's charge
    at_billing(member)
    answer = member.pays_other("0.00", frequency="monthly")
    assert answer.status == 422
    words = error_at(answer, f"amount_{member.enrollment_id}")
    assert words == (
        "The total you owe, to take on the 22nd, is more than we can take online. "
        "Call 1-877-623-6765"
    )


def test_rule_13_the_same_amount_again_on_the_same_day_asks_once(join, wait):
    member = join(a_row(balance="424.80"))
    at_billing(member)
    member.pays_other("212.40")
    assert member.submit().location == "/done"
    again = another_visit(member)
    at_billing(again)
    answer = again.pays_other("212.40")
    assert answer.status == 422
    assert "You already paid $212.40 for this plan today." in answer.text
    question = "You already paid $212.40 for this plan today. Do you want to pay it again?"
    assert asks(answer) == {"confirm_again": question}
    assert again.pays_other("212.39").location == "/review", "another amount is another payment"
    assert again.pays_other("212.40", confirm_again="yes").location == "/review"
    assert again.submit().location == "/done"
    assert member.payments == [-21240, -21240]


def test_rule_13_once_with_nothing_to_pay_anywhere_is_refused(join):
    member = join(a_row(balance="0.00"))
    at_billing(member)
    words = "Choose an amount to pay for at least one plan"
    for answer in (member.pays("none"), member.pays("total"), member.pays_other("0")):
        assert answer.status == 422
        assert words in answer.text


def test_rule_12_the_account_is_checked_at_billing_not_at_submit(person):
    at_billing(person)
    answer = person.pays(routing="231380105", routing_again="231380105")
    assert answer.status == 422
    assert error_at(answer, "routing") == "Check the routing number. One of its digits is wrong"


def test_rule_14_nothing_is_chosen_beforehand(person):
    assert "checked" not in at_billing(person).html


def test_rule_14_the_account_may_be_another_persons_and_the_authorization_says_so(person):
    at_billing(person)
    person.pays(account_name="Ana Pérez")
    assert "I may use this account of Ana Pérez." in person.get("/review").text
    person.submit()
    [mail] = person.mails
    assert "I may use this account of Ana Pérez." in mail["text"]


def test_rule_14_ones_own_account_needs_no_such_words(person):
    at_billing(person)
    person.pays(account_name=f"maria jose {person.row['last_name']}".upper())
    review = person.get("/review").text
    assert "This is my account." in review
    assert "I may use" not in review


def test_change_never_asks_again_for_the_account(person):
    person.at_review()
    shown = person.get("/billing")
    assert f"Account ending {person.account[-4:]}" in shown.text.replace("ending in", "ending")
    assert person.account not in shown.html
    nothing = {"account": "", "account_again": ""}
    assert person.pays_other("50.00", **nothing).location == "/review"
    assert person.submit().location == "/done"
    assert person.payments == [-5000]
