"""A member pays once, found by whichever number they have (rules 8, 11, 13, 15)."""

from tests.journeys.people import a_row, confirmation_of, next_year


def test_found_by_the_enrollment_id_a_member_pays_the_total(join):
    member = join()
    assert member.found("enrollment_id").location == "/contact"
    assert member.contact().location == "/billing"
    assert "Total you owe: $212.40" in member.get("/billing").text
    assert member.pays("total").location == "/review"
    assert "Submit payment of $212.40" in member.get("/review").text
    assert member.submit().location == "/done"

    done = member.get("/done")
    number = confirmation_of(done)
    assert "$212.40" in done.text
    assert member.payments == [-21240]
    assert member.owed_cents == 0
    [mail] = member.mails
    assert number in mail["subject"]
    assert number in mail["text"]
    assert "$212.40" in mail["text"]


def test_found_by_the_social_security_number_another_pays_another_amount(join):
    member = join(a_row(balance="424.80"))
    dashed = "{}-{} {}".format(member.row["ssn"][:3], member.row["ssn"][3:5], member.row["ssn"][5:])
    assert member.found("ssn", ssn=dashed).location == "/contact"
    member.contact()
    assert member.pays_other("$100.5").location == "/review"
    review = member.get("/review").text
    assert "You owe $424.80. After this payment you still owe $324.30" in review
    assert "due by Wednesday, December 23, 2026" in review
    member.submit()

    assert "$100.50" in member.get("/done").text
    assert member.payments == [-10050]
    assert member.owed_cents == 32430
    [mail] = member.mails
    assert "$100.50" in mail["text"]
    assert "$100.50" in mail["html"]


def test_found_by_the_billing_account_a_third_pays_two_plan_years_at_once(join):
    this_year = a_row(balance="212.41")
    coming = next_year(this_year)
    member = join(this_year, coming)
    assert member.found("billing_account").location == "/contact"
    member.contact()
    billing = member.get("/billing").text
    assert "You have a plan in two years" in billing
    assert "Health plan 2026" in billing
    assert "Health plan 2027" in billing
    both = {f"pay_{row['enrollment_id']}": "total" for row in (this_year, coming)}
    assert member.billing(**both).location == "/review"
    note = "Your bank statement will show two payments: $212.41 and $231.07."
    assert note in member.get("/review").text
    member.submit()

    done = member.get("/done").text
    assert note in done
    assert "$443.48" in done
    for row, cents in ((this_year, -21241), (coming, -23107)):
        said = member.ask(f"/ledger/{row['enrollment_id']}")
        assert said["owed_cents"] == 0
        assert [line["amount_cents"] for line in said["lines"]][-1] == cents
    [mail] = member.mails
    assert note in mail["text"]
    assert all(amount in mail["text"] for amount in ("$212.41", "$231.07", "$443.48"))


def test_rule_11_two_payments_are_one_submit_under_one_number(join):
    this_year = a_row()
    coming = next_year(this_year)
    member = join(this_year, coming)
    member.found()
    member.contact()
    member.get("/billing")
    member.billing(**{f"pay_{each['enrollment_id']}": "total" for each in (this_year, coming)})
    member.submit()
    done = member.get("/done")
    assert len({word for word in done.text.split() if word.startswith("HC-")}) == 1
    assert len(member.mails) == 1


def test_none_leaves_one_plan_year_alone(join):
    this_year = a_row()
    coming = next_year(this_year)
    member = join(this_year, coming)
    member.found()
    member.contact()
    member.get("/billing")
    member.billing(
        **{f"pay_{this_year['enrollment_id']}": "total", f"pay_{coming['enrollment_id']}": "none"}
    )
    assert "231.07" not in member.get("/review").text
    member.submit()
    assert member.ask(f"/ledger/{coming['enrollment_id']}")["owed_cents"] == 23107
    assert member.owed_cents == 0


def test_health_and_dental_are_paid_separately(join):
    health = a_row()
    dental = {**next_year(health), "plan": "dental", "plan_year": "2026", "balance": "31.00"}
    dental |= {"coverage_start": "2026-01-01", "coverage_end": "2026-12-31"}
    member = join(health, dental | {"billed_through": "2026-12"})
    member.found()
    member.contact()
    assert "31.00" not in member.get("/billing").text
    member.row = dental
    assert member.found("ssn").location == "/contact"
    member.contact()
    assert "Total you owe: $31.00" in member.get("/billing").text
