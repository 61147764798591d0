"""What a member is told when a field is wrong: plain words, by code (facts: page 2.3)."""


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when shown."""
    return text


WORDS = {
    "plan": _("Choose health plan or dental plan"),
    "id_type": _("Choose which number you have"),
    "enrollment_id": _("Enter your Enrollment ID, with letters and numbers only"),
    "ssn": _("Enter a Social Security number with 9 digits"),
    "ssn_again": _("The two Social Security numbers are not the same"),
    "billing_account": _("Enter a billing account number with 9 digits. It starts with 7"),
    "billing_account_7": _("Billing account number starts with 7"),
    "first_name": _("Enter your first name, as on your application"),
    "last_name": _("Enter your last name, as on your application"),
    "birth": _("Enter a date of birth, with month, day and year"),
    "birth_past": _("Date of birth must be in the past"),
    "email": _("Enter an email address, like name@example.com"),
    "email_again": _("The two email addresses are not the same"),
    "phone": _("Enter a phone number with area code, like 617-555-0123"),
    "pay": _("Choose how much to pay for this plan"),
    "amount": _("Enter an amount in dollars and cents, like 212.40"),
    "amount_zero": _("Enter an amount above zero, or choose to pay nothing for this plan"),
    "too_far_ahead": _(
        "This is more than you owe and 12 months of premiums. Enter a smaller amount"
    ),
    "above_ceiling": _("This is more than we can take online. Call {phone} to pay it"),
    "nothing_to_pay": _("Choose an amount to pay for at least one plan"),
    "frequency": _("Choose one time payment"),
    "account_type": _("Choose checking or savings"),
    "account_name": _("Enter the full name on the bank account"),
    "account": _("Enter an account number with 4 to 17 digits"),
    "account_again": _("The two account numbers are not the same"),
    "routing": _("Enter a 9 digit routing number from your check or bank"),
    "routing_check": _("Check the routing number. One of its digits is wrong"),
    "routing_again": _("The two routing numbers are not the same"),
    "agree": _("Check the box to let us take this payment from your bank account"),
    "captcha": _("Enter the letters and numbers from the picture, or the numbers from the audio"),
    "captcha_wrong": _(
        "Enter the letters and numbers from the new picture, or listen to the new audio"
    ),
    "confirm": _("Check the box to say yes, or change the amount"),
    "confirm_again": _("Check the box to pay again, or change the amount"),
    "too_long": _("Enter fewer letters or numbers here"),
    "first_payment_less": _(
        "This is your first payment. If you pay less, your coverage will not start"
    ),
    "more_than_owed": _(
        "This is more than you owe. The rest stays as a credit for this plan. Is that right?"
    ),
    "paid_today": _("You already paid {amount} for this plan today. Do you want to pay it again?"),
    "start_again": _("We had to start again to keep you safe. No payment was made."),
    "already_sent": _("You already sent this payment. Your confirmation number is {number}."),
    "statement_note": _("Your bank statement will show {count} payments: {amounts}."),
    "and": _(" and "),
    "not_as_shown": _(
        "Something changed since you opened this page, so we have not taken any money. "
        "Check the new amount and date, then submit again"
    ),
}
