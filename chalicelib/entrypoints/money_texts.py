"""How payments and monthly payments stand, in plain texts, by code."""


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when shown."""
    return text


MONEY_TEXTS = {
    "statement_note": _("Your bank statement will show {count} payments: {amounts}."),
    "and": _(" and "),
    "two": _("two"),
    "monthly_next": _(
        "On {date} we take {amount}. After that, on the 22nd of each month or the next business "
        "day, the total you owe."
    ),
    "monthly_last": _(
        "On {date} we take {amount}. It is the last withdrawal before this coverage ends."
    ),
    "monthly_later": _(
        "This month's withdrawal has already started without this account. The first one is on "
        "{date}: the total you owe then. We tell you the amount at least 10 days before."
    ),
    "monthly_later_pay_now": _("To pay on time for this month, pay what you owe now."),
    "monthly_still": _(
        "This month's payment of {amount} still comes from the account ending {last4}, {when}."
    ),
    "monthly_after_still": _(
        "The first one from this account is on {date}: the total you owe then. We tell you the "
        "amount at least 10 days before."
    ),
    "plan_health": _("Health plan"),
    "plan_dental": _("Dental plan"),
    "named_health": _("the health plan {name}"),
    "named_dental": _("the dental plan {name}"),
    "monthly_replaces": _("This replaces your monthly payments from the account ending {last4}."),
    "next_withdrawal": _(
        "Your monthly payments are on. On {date} we take {amount}. Paying now makes it smaller."
    ),
    "next_withdrawal_in_part": _(
        "Your monthly payments are on. On {date} we take {amount}, as we told you. The other "
        "{rest} is not taken then. Pay it by {due}. If you pay more than that, we take less."
    ),
    "next_nothing": _("Your monthly payments are on, but on {date} nothing is taken."),
    "next_nothing_credit": _(
        "Your monthly payments are on. On {date} nothing is taken, because you have a credit."
    ),
    "next_nothing_owed": _(
        "Your monthly payments are on. On {date} nothing is taken, because you owe nothing now."
    ),
    "next_held": _(
        "Your monthly payments are on hold. We wrote to you why. Nothing is taken until you agree "
        "again."
    ),
    "next_above_ceiling": _(
        "On {date} we take nothing, because you owe more than we may take in one payment. Call "
        "{phone} to pay."
    ),
    "pay_by": _("Pay the {amount} you owe by {due}."),
    "agree_again": _(
        "To agree again, choose “Recurring payments” below. The new ones replace these. "
        "Questions? Call {phone}."
    ),
    "agree_again_later": _(
        "To agree again, choose this plan below, and “Recurring payments” on a later page. "
        "Questions? Call {phone}."
    ),
    "agree_again_there": _(
        "To agree again, choose “Set up monthly payments again, or pay now” below. Questions? Call "
        "{phone}."
    ),
    "on_its_way_note": _("Your monthly payment of {amount} is on its way ({date})."),
    "on_its_way_late": _(
        "Your monthly payment of {amount} is late, but on its way. We take it {when}."
    ),
    "on_day": _("on {date}"),
    "on_day_or_after": _("on or after {date}"),
    "state_active": _("On"),
    "state_held": _("On hold. Nothing is taken"),
    "state_ending": _("Ending: nothing more is taken"),
    "state_ending_last": _("On. The last payment, on {date}, is {amount}: then your coverage ends"),
    "state_ending_taken": _(
        "Ending: the payment of {amount} {when} has already started and is still taken. "
        "Nothing is taken after that"
    ),
    "state_ended": _("Ended"),
    "state_ended_cancelled": _("Cancelled on {date}. Nothing more is taken"),
    "state_cancelled_late": _(
        "Cancelled on {date}. The payment of {amount} {when} has already started and is still "
        "taken. Nothing is taken after that"
    ),
    "state_ended_replaced": _("Replaced on {date}"),
    "state_ended_returned": _("Ended on {date}. We wrote to you why"),
    "state_ended_died": _("Ended on {date}"),
    "state_ended_coverage_end": _("Ended with your coverage"),
    "mandate_active": _("On"),
    "mandate_held": _("On hold"),
    "mandate_ending": _("Ending"),
    "mandate_ended": _("Ended"),
    "mandate_ended_cancelled": _("Cancelled on {date}"),
    "mandate_ended_replaced": _("Replaced on {date}"),
    "mandate_ended_returned": _("Ended on {date}"),
    "mandate_ended_died": _("Ended on {date}"),
    "mandate_ended_coverage_end": _("Ended with your coverage"),
    "kind_payment": _("Payment on this page"),
    "kind_withdrawal": _("Monthly payment"),
    "kind_retry": _("A payment that we tried again, as you agreed"),
    "kind_corrected": _("A payment that we corrected, as you agreed"),
    "kind_refund": _("Money back to you"),
    "state_planned": _("Planned"),
    "state_planned_nothing": _("Nothing is taken"),
    "state_received": _("Received"),
    "state_sent": _("Sent to your bank"),
    "state_paid": _("Paid"),
    "state_not_paid": _("Not paid: your bank took it back"),
    "state_not_taken": _("Not paid: nothing was taken"),
    "state_stopped_in_time": _("Not paid: you asked us to stop it"),
    "note_not_taken": _(
        "We could not send this payment to your bank. The mistake was ours, not yours. It does not "
        "count as paid."
    ),
    "back_received": _("On its way to you"),
    "back_sent": _("Sent to your bank"),
    "back_paid": _("Paid back to you"),
    "back_not_paid": _("Your bank did not take it. It is a credit for this plan again"),
    "back_not_taken": _("It could not be sent. It is a credit for this plan again"),
    "state_skipped": _("Nothing was owed, so nothing was taken"),
    "state_skipped_as_told": _("Nothing was taken, as we had told you"),
    "state_excluded": _("Not taken. We wrote to you why"),
    "monthly_nothing": _(
        "On {date} nothing is taken, because you pay everything now. The next payment is on "
        "{next}: the total you owe then."
    ),
    "monthly_nothing_credit": _(
        "On {date} nothing is taken, because you have a credit. The next payment is on {next}: "
        "the total you owe then."
    ),
    "monthly_nothing_owed": _(
        "On {date} nothing is taken, because you owe nothing now. The next payment is on {next}: "
        "the total you owe then."
    ),
    "monthly_last_nothing": _(
        "On {date} nothing is taken, because nothing is left to pay. Then this coverage ends, and "
        "your monthly payments with it."
    ),
    "calendar_health": _("Monthly payment of your health plan {year}"),
    "calendar_dental": _("Monthly payment of your dental plan {year}"),
    "calendar_first": _("We take {amount} from your bank account. Questions? Call {phone}."),
    "calendar_later": _(
        "We take the total you owe then from your bank account. We tell you the amount at least "
        "10 days before. Questions? Call {phone}."
    ),
}
