"""What a member is told when a field is wrong, or asked: plain texts, by code (facts: page 2.3)."""

from chalicelib.entrypoints.money_texts import MONEY_TEXTS, _

TEXTS = {
    **MONEY_TEXTS,
    "language": _("English"),  # in each catalogue the name of its own language, as it is there
    "missed_month": _("If a month is not paid, your coverage can end."),  # MISSED_MONTH_TEXT unset
    "plan": _("Choose health plan or dental plan"),
    "id_type": _("Choose which number you have"),
    "enrollment_id": _("Enter your Enrollment ID, with letters and numbers only"),
    "ssn": _("Enter a Social Security number with 9 digits"),
    "ssn_again": _("The two Social Security numbers are not the same"),
    "billing_account": _("Enter a billing account number with 9 digits. It starts with 7"),
    "billing_account_7": _("Billing account number starts with 7"),
    "first_name": _("Enter your first name, as on your application"),
    "last_name": _("Enter your last name, as on your application"),
    "birth_empty": _("Enter a date of birth, with month, day and year"),
    "birth": _("Date of birth must be a real date"),
    "birth_year": _("Year must have 4 digits"),
    "birth_past": _("Date of birth must be in the past"),
    "birth_other": _("This is not the birthday of the visit that is open here"),
    "email": _("Enter an email address, like name@example.com"),
    "email_again": _("The two email addresses are not the same"),
    "phone": _("Enter a phone number with area code, like 617-555-0123"),
    "pay": _("Choose how much to pay for this plan"),
    "amount": _("Enter an amount in dollars and cents, like 212.40"),
    "amount_negative": _("Enter an amount without a minus sign"),
    "too_far_ahead": _(
        "This is more than you owe and 12 months of premiums. Enter a smaller amount"
    ),
    "above_ceiling": _("This is more than we can take online. Call {phone} to pay it"),
    "later_above_ceiling": _(
        "Then the rest, to take on the 22nd, is more than we can take online. Call {phone}"
    ),
    "total_above_ceiling": _(
        "The total you owe, to take on the 22nd, is more than we can take online. Call {phone}"
    ),
    "nothing_to_pay": _("Choose an amount to pay for at least one plan"),
    "choose": _("Choose at least one plan to pay"),
    "choose_too_many": _("Choose fewer plans: eight at most in one payment"),
    "frequency": _("Choose one time payment or every month"),
    "account_type": _("Choose checking or savings"),
    "account_name_latin": _("Enter the name in letters from A to Z, as your bank writes it"),
    "account_name": _("Enter the full name on the bank account"),
    "account": _("Enter an account number with 4 to 17 digits"),
    "account_again": _("The two account numbers are not the same"),
    "routing": _("Enter a 9 digit routing number from your check or bank"),
    "routing_check": _("Check the routing number. One of its digits is wrong"),
    "routing_unknown": _("We do not know a bank with this routing number. Check it with your bank"),
    "routing_dead": _(
        "This routing number takes no payments any more. Ask your bank for its new one, "
        "or use another account"
    ),
    "account_refused": _("Your bank refused this account before. Use another account"),
    "routing_again": _("The two routing numbers are not the same"),
    "agree": _("Check the box to let us take this payment from your bank account"),
    "captcha": _("Enter the letters and numbers from the picture, or the numbers from the audio"),
    "captcha_wrong": _(
        "That was not right. Enter the letters and numbers from the new picture, or listen to the "
        "new audio"
    ),
    "confirm_email": _("Is every letter of your email address right?"),
    "confirm_account": _("Is this the number of your bank account?"),
    "too_long": _("Enter fewer letters or numbers here"),
    "first_payment_less": _(
        "This is your first payment. If you pay less, your coverage will not start."
    ),
    "in_year": _("{text} (plan year {year})"),
    "in_health": _("{text} (health plan {year})"),
    "in_dental": _("{text} (dental plan {year})"),
    "more_than_owed": _(
        "This is more than you owe. The rest stays as a credit for this plan. Is that right?"
    ),
    "paid_today": _("You already paid {amount} for this plan today. Do you want to pay it again?"),
    "says_too_early": _("This step comes first. Fill it in, and you can go on to the next one."),
    "start_again": _("We had to start again to keep you safe. No payment was made."),
    "start_again_after": _(
        "We had to start again to keep you safe. The last payment that you sent has the "
        "confirmation number {number}. Nothing was paid after it."
    ),
    "already_sent": _("You already sent this payment. Your confirmation number is {number}."),
    "says_another_visit": _(
        "Another visit was started in this browser. This click paid nothing. If you had pressed "
        "Submit before, we emailed you a confirmation."
    ),
    "says_another_journey": _(
        "You started another payment in this visit. This is where it stands. This click paid "
        "nothing."
    ),
    "says_no_plan": _("What you had chosen can't be paid now. These are your plans."),
    "says_visit_ended": _(
        "Your visit has ended. This click paid nothing. If you had pressed Submit before, we "
        "emailed you a confirmation."
    ),
    "says_wrong_birthdays": _("The visit was ended: its birthday was wrong three times."),
    "says_finished": _("You are done. Nothing of your visit can be seen here any more."),
    "says_changed": _("Your change is made. The list shows how your monthly payments stand now."),
    "on_its_way": _(
        "Your monthly payment of {amount} is on its way. Do you still want to pay now?"
    ),
    "no_22nd_left_in_year": _(
        "There is no 22nd left in your {year} plan. Choose one time payment, or do not pay the "
        "{year} plan here"
    ),
    "too_many_monthly": _(
        "Set up monthly payments for at most 6 plans at a time. Do not pay the others now, and "
        "come back for them"
    ),
    "no_22nd_left": _("There is no 22nd left in this coverage. Choose one time payment"),
    "cancel_question": _(
        "Cancel the monthly payments from the account ending {last4}? This stops the payment of "
        "{date}."
    ),
    "cancel_question_late": _(
        "Cancel the monthly payments from the account ending {last4}? The payment of {amount} "
        "{when} has already started and is still taken. No payment is taken after that."
    ),
    "cancel_question_nothing": _(
        "Cancel the monthly payments from the account ending {last4}? Nothing more is taken then."
    ),
    "paid_meanwhile": _(
        "You already paid this amount for this plan today. To pay it again, choose Change beside "
        "the amount and check the box there"
    ),
    "cannot_undo": _("This can't be undone any more. Set up monthly payments again"),
    "not_this_mandate": _("These monthly payments have changed. Look at the list again"),
    "not_as_shown": _(
        "Something changed since you opened this page, so we have not taken any money. "
        "Check the new amount and date, then submit again"
    ),
}
