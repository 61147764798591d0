"""Facts of one letter of each kind, and of the cases that read otherwise; nobody's real data."""

from typing import Any

from chalicelib.domain.credit import WhyBack

Facts = dict[str, Any]

ABOUT: Facts = {
    "plan": "health",
    "plan_name": "Merrimack & Shore's Gold <1000>",
    "plan_year": 2026,
    "billing_last4": "4417",
    "account": {"type": "checking", "last4": "6789"},
}

PAYMENT: Facts = {
    **ABOUT,
    "confirmation": "HC-7K4M-92QX",
    "cents": 21240,
    "kind": "payment",
    "on": "2026-12-04",
}


def an_item(kind: str, cents: int, month: str | None = None, **more: Any) -> Facts:
    """Of a statement (rule 38)."""
    rest = {"on": "2026-12-03", "first_cents": cents, "changes": [], "reason": None}
    return {"kind": kind, "month": month, "amount_cents": cents, **rest, **more}


PREMIUM_CHANGED = an_item(
    "charge",
    11000,
    "2027-02",
    first_cents=31000,
    changes=[{"on": "2027-01-02", "cents": 11000, "more_cents": -20000}],
)

CONFIRMATION: Facts = {
    "confirmation": "HC-7K4M-92QX",
    "submitted_at": "2026-12-03T20:10:00+00:00",
    "submitted_on": "2026-12-03",
    "payments": [
        {
            "plan": "health",
            "plan_name": "Merrimack & Shore's Gold <1000>",
            "plan_year": 2026,
            "billing_last4": "4417",
            "amount_cents": 10000,
        }
    ],
    "total_cents": 10000,
    "account": ABOUT["account"],
    "sent_on": "2026-12-03",
    "effective_on": "2026-12-04",
    "paid_on": "2026-12-08",
    "authorization": ["I authorize the Massachusetts Health Connector to take $100.00."],
    "statement_note": None,
    "monthly": ["On Tuesday, December 22, 2026 we take $324.80."],
}

NOTICE: Facts = {
    **ABOUT,
    "set_up_on": "2026-04-03",
    "month": "2026-12",
    "cents": 32480,
    "on": "2026-12-22",
    "last_cents": 21240,
    "last_month": "2026-11",
    "last_not_paid": None,
    "not_taken": None,
    "owed_cents": 32480,
    "due_on": "2026-12-23",
    "renewal": None,
    "ends_on": None,
    "carries_on": False,
    "carried_cents": 21240,
    "since": [an_item("charge", 21240, "2027-01"), an_item("payment", -10000)],
    "premium_cents": 21240,
    "next_premium": None,
}

NOTHING_DUE: Facts = {
    **NOTICE,
    "cents": 0,
    "carried_cents": -22440,
    "since": [an_item("charge", 21240, "2027-01")],
    "owed_cents": -1200,
}

HELD: Facts = {
    "cents": 0,
    "not_taken": "held",
    "owed_cents": 32480,
    "due_on": "2026-12-23",
}
TOO_MUCH: Facts = {**HELD, "not_taken": "above_ceiling", "owed_cents": 2_012_400}

FIRST_NOTICE: Facts = {
    **NOTICE,
    "plan": "dental",
    "account": {"type": "savings", "last4": "0021"},
    "month": "2026-08",
    "on": "2026-08-24",
    "cents": 6200,
    "last_cents": None,
    "last_month": None,
    "carried_cents": 0,
    "premium_cents": 3100,
    "next_premium": None,
    "since": [
        an_item("opening", 3100),
        an_item("charge", 3100, "2026-05"),
        an_item("payment", -6200),
        an_item(
            "charge",
            0,
            "2026-07",
            first_cents=3100,
            changes=[{"on": "2026-12-04", "cents": 0, "more_cents": -3100}],
        ),
        an_item("return", 6200),
        an_item("adjustment", -900, reason="Late tax credit, <May>"),
        an_item("refund", 900),
    ],
    "owed_cents": 6200,
}

STARTED: Facts = {
    "still_cents": 32480,
    "still_on": "2026-12-22",
    "still_late": False,
    "still_account": {"type": "savings", "last4": "0021"},
}

NOT_STARTED: Facts = {
    "still_cents": None,
    "still_on": None,
    "still_late": False,
    "still_account": None,
}

COVERAGE_ENDED: Facts = {
    **ABOUT,
    **NOT_STARTED,
    "never_began": False,
    "had_monthly": True,
    "monthly_until": None,
    "carries_on": False,
    "cents": 21240,
    "on": "2026-12-22",
    "ends_on": "2026-12-20",
    "owed_cents": 21240,
    "due_on": "2026-12-23",
}

CARRIED: Facts = {
    **ABOUT,
    "old_plan_name": "Charles & Mystic Silver <750>",
    "old_plan_year": 2025,
    "month": "2026-12",
    "cents": 31000,
    "on": "2026-12-22",
    "pay_by": None,
    "owed_cents": 31000,
    "credit_cents": None,
}

REMINDER: Facts = {
    **ABOUT,
    "is_before": True,
    "owed_cents": 42480,
    "uncovered_cents": 42480,
    "due_on": "2026-12-23",
    "first_payment": None,
    "carried_cents": 21240,
    "since": [an_item("charge", 21240, "2027-01")],
}

RENEWAL: Facts = {
    "carries_on": False,
    **ABOUT,
    "new_plan_year": 2027,
    "new_plan_name": "Charles & Mystic Silver <750>",
    "cents": 22800,
    "due_on": "2026-12-23",
}

NOT_ANNOUNCED: Facts = {"cents": None, "on": None}

COVERAGE_BACK: Facts = {
    **ABOUT,
    "was_to_end_on": "2026-11-30",
    "ends_on": None,
    "monthly": "again",
    "owed_cents": 21240,
    "due_on": "2026-12-23",
}

SMALLER: Facts = {
    **ABOUT,
    "was_cents": 31000,
    "cents": 11000,
    "on": "2027-01-22",
    "on_its_way": False,
    "owed_cents": 11000,
    "carried_cents": 31000,
    "since": [{**PREMIUM_CHANGED, "amount_cents": -20000}],
}

EXCLUDED: Facts = {
    **ABOUT,
    "month": "2026-12",
    "cents": 32480,
    "due_on": "2026-12-23",
    "reason": "no_notice",
    "none_left": False,
}
EXCLUSIONS = (
    "cancelled",
    "died",
    "no_notice",
    "held",
    "feed_held",
    "stopped",
    "returned",
    "unknown_enrollment",
    "bad_routing",
    "unreadable_account",
    "above_ceiling",
    "too_late",
    "unreadable_mandate",
    "unreadable_ledger",
)

CANCELLED: Facts = {
    **ABOUT,
    "set_up_on": "2026-04-03",
    "coming": "2026-12",
    "undo_until": "2026-12-22",
    "held": False,
    "still_cents": None,
    "still_on": None,
    "still_late": False,
    "still_account": None,
    "owed_cents": 42480,
    "due_on": "2026-12-23",
    "ends_on": None,
    "other_plan_name": None,
    "other_plan_year": None,
}
UNDONE: Facts = {
    **ABOUT,
    "set_up_on": "2026-04-03",
    "cents": 32480,
    "on": "2026-12-22",
    "not_taken": None,
    "owed_cents": 32480,
    "due_on": "2026-12-23",
    "ends_on": None,
}
LAST: Facts = {"ends_on": "2026-12-31"}
CANCELLED_LATE: Facts = {
    **CANCELLED,
    "coming": "2027-01",
    "undo_until": "2027-01-22",
    "still_cents": 32480,
    "still_on": "2026-12-22",
    "still_account": ABOUT["account"],
    "owed_cents": 0,
}

OUTCOME: Facts = {
    "owed_cents": 42480,
    "due_on": "2026-12-23",
    "will_take_cents": None,
    "will_take_on": None,
    "not_taken_cents": None,
    "notice_by": None,
    "still_cents": None,
    "still_on": None,
    "still_late": False,
    "still_account": None,
    "undo_gone": False,
}
NOT_PAID: Facts = {
    **PAYMENT,
    **OUTCOME,
    "first_payment": None,
    "why": "no_funds",
    "mandate_ended": False,
    "mandate_held": False,
}
PRENOTE: Facts = {
    **ABOUT,
    **{name: NOT_PAID[name] for name in NOT_PAID if name not in (*PAYMENT, "first_payment")},
    "refund_cents": None,
}
HOLDS = (
    "not_taken",
    "stopped",
    "bad_account",
    "not_authorized",
    "wrong_terms",
    "our_mistake",
    "came_back",
)
ANNOUNCED: Facts = {**NOT_PAID, "will_take_cents": 21240, "will_take_on": "2026-12-22"}

MOVED: Facts = {
    **ABOUT,
    "old_email": "&…@example.com",
    "new_email": "n…@xn--bcher-kva.example",
    "new_phone": True,
}
ROUTING: Facts = {**ABOUT, **OUTCOME, "routing_last4": "0104", "held": True}

LATER: Facts = {
    **PAYMENT,
    "announced_on": "2026-12-04",
    "now_on": "2026-12-07",
    "counts_on": "2026-12-03",
}


def replaced(cancelled: Facts) -> Facts:
    """The same change, told of a mandate that another replaces."""
    left_out = {"set_up_on", "held", "owed_cents", "due_on", "ends_on"}
    left_out |= {"other_plan_name", "other_plan_year"}
    kept = {name: fact for name, fact in cancelled.items() if name not in left_out}
    return {**kept, "new_last4": "4321"}


LETTERS: dict[str, tuple[str, Facts]] = {
    "confirmation": ("confirmation", CONFIRMATION),
    "confirmation of nothing now": (
        "confirmation",
        {**CONFIRMATION, "payments": [], "total_cents": 0},
    ),
    "notice": ("notice", NOTICE),
    "notice of the same": ("notice", {**NOTICE, "last_cents": 32480}),
    "notice of less": ("notice", {**NOTICE, "last_cents": 40000}),
    "notice after a return": ("notice", {**NOTICE, "last_not_paid": "came_back"}),
    "notice after a mistake": ("notice", {**NOTICE, "last_not_paid": "not_taken"}),
    "notice after nothing": ("notice", {**NOTICE, "last_cents": 0}),
    "notice of nothing": ("notice", NOTHING_DUE),
    "notice of nothing at all": (
        "notice",
        {**NOTHING_DUE, "last_cents": 0, "carried_cents": 0, "since": [], "owed_cents": 0},
    ),
    "first notice": ("notice", FIRST_NOTICE),
    "notice of another premium": (
        "notice",
        {
            **NOTICE,
            "since": [PREMIUM_CHANGED],
            "next_premium": {"cents": 11000, "month": "2027-03"},
        },
    ),
    "notice with a new year": (
        "notice",
        {**NOTICE, "renewal": {"new_plan_year": 2027, "cents": 22800, "due_on": "2026-12-23"}},
    ),
    "notice on hold": ("notice", {**NOTICE, **HELD}),
    "notice on hold with nothing owed": ("notice", {**NOTHING_DUE, **HELD, "owed_cents": -1200}),
    "notice above the ceiling": ("notice", {**NOTICE, **TOO_MUCH, "carried_cents": 2_001_160}),
    "last notice": ("notice", {**NOTICE, "ends_on": "2026-12-31"}),
    "last notice, and a plan may follow": (
        "notice",
        {**NOTICE, "ends_on": "2026-12-31", "carries_on": True},
    ),
    "last notice of nothing": ("notice", {**NOTHING_DUE, "ends_on": "2026-12-31"}),
    "withdrawal": (
        "withdrawal",
        {**ABOUT, "month": "2026-12", "cents": 32480, "on": "2026-12-22", "late": False},
    ),
    "late withdrawal": (
        "withdrawal",
        {**ABOUT, "month": "2026-12", "cents": 32480, "on": "2026-12-24", "late": True},
    ),
    **{f"excluded: {why}": ("excluded", {**EXCLUDED, "reason": why}) for why in EXCLUSIONS},
    "excluded with no 22nd left": ("excluded", {**EXCLUDED, "none_left": True}),
    "excluded with nothing owed": ("excluded", {**EXCLUDED, "cents": 0}),
    "excluded and nobody knows what is owed": (
        "excluded",
        {**EXCLUDED, "reason": "unreadable_ledger", "cents": None},
    ),
    "cancelled": ("cancelled", CANCELLED),
    "cancelled while another plan goes on": (
        "cancelled",
        {**CANCELLED, "other_plan_name": "Merrimack Gold 1000", "other_plan_year": 2027},
    ),
    "cancelled late": ("cancelled", CANCELLED_LATE),
    "cancelled with a credit": ("cancelled", {**CANCELLED, "owed_cents": -500}),
    "cancelled while the run is late": ("cancelled", {**CANCELLED_LATE, "still_late": True}),
    "cancelled in the last month": ("cancelled", {**CANCELLED, **LAST}),
    "replaced": ("replaced", replaced(CANCELLED)),
    "replaced late": ("replaced", replaced(CANCELLED_LATE)),
    "another email and phone": ("contact_changed", MOVED),
    "another email": ("contact_changed", {**MOVED, "new_phone": False}),
    "another phone": ("contact_changed", {**MOVED, "new_email": None}),
    "routing number held": ("routing", ROUTING),
    "routing number held with a withdrawal on its way": (
        "routing",
        {**ROUTING, **{k: CANCELLED_LATE[k] for k in CANCELLED_LATE if k.startswith("still")}},
    ),
    "routing number released": ("routing", {**ROUTING, "held": False, "owed_cents": 0}),
    "routing number released and announced": (
        "routing",
        {**ROUTING, "held": False, "will_take_cents": 42480, "will_take_on": "2026-12-22"},
    ),
    "undone": ("undone", UNDONE),
    "undone with nothing owed": ("undone", {**UNDONE, "cents": 0, "owed_cents": 0}),
    "undone in the last month": (
        "undone",
        {**UNDONE, **LAST},
    ),
    "undone in the last month with a credit": (
        "undone",
        {**UNDONE, **LAST, "cents": 0, "owed_cents": -500},
    ),
    "undone on hold": ("undone", {**UNDONE, **HELD}),
    "undone on hold with nothing owed": (
        "undone",
        {**UNDONE, **HELD, "owed_cents": 0},
    ),
    "undone above the ceiling": ("undone", {**UNDONE, **TOO_MUCH}),
    "cancelled on hold": ("cancelled", {**CANCELLED, "held": True}),
    "retry": ("retry", {**PAYMENT, "on": "2026-12-11", "is_corrected": False}),
    "corrected": ("retry", {**PAYMENT, "on": "2026-12-11", "is_corrected": True}),
    "retry of a withdrawal": (
        "retry",
        {**PAYMENT, "confirmation": None, "on": "2026-12-30", "is_corrected": False},
    ),
    **{
        f"refund: {why}": (
            "refund",
            {
                **PAYMENT,
                **OUTCOME,
                "why": str(why),
                "payment_cents": 42480,
                "arrives_on": "2026-12-11",
                "owed_cents": 21240 if why != "credit" else 0,
                "due_on": "2026-12-23",
            },
        )
        for why in WhyBack
    },
    "refund of what is taken later": (
        "refund",
        {
            **PAYMENT,
            **OUTCOME,
            "why": "mistake",
            "payment_cents": 42480,
            "arrives_on": "2026-12-11",
            "owed_cents": 42480,
            "due_on": "2026-12-23",
            "will_take_cents": 21240,
            "will_take_on": "2026-12-22",
            "not_taken_cents": 21240,
        },
    ),
    "refund of a withdrawal": (
        "refund",
        {
            **PAYMENT,
            **OUTCOME,
            "kind": "withdrawal",
            "confirmation": None,
            "why": "mistake",
            "payment_cents": 21240,
            "arrives_on": "2026-12-30",
            "owed_cents": 21240,
            "due_on": "2027-01-23",
        },
    ),
    "account refused": (
        "account_refused",
        {**PRENOTE, "why": "bad_account", "mandate_ended": True},
    ),
    "account refused with one on its way": (
        "account_refused",
        {**PRENOTE, **STARTED, "why": "bad_account", "mandate_ended": True},
    ),
    "account refused, and no undo": (
        "account_refused",
        {**PRENOTE, "why": "bad_account", "undo_gone": True},
    ),
    "account stopped": ("account_refused", {**PRENOTE, "why": "stopped", "mandate_held": True}),
    "account refused when nothing goes on": ("account_refused", {**PRENOTE, "why": "bad_account"}),
    "account refused without a reason": (
        "account_refused",
        {**PRENOTE, "why": "came_back", "mandate_ended": True},
    ),
    "account refused with a credit": (
        "account_refused",
        {**PRENOTE, "why": "bad_account", "mandate_ended": True, "owed_cents": 0},
    ),
    "account refused by our mistake": (
        "account_refused",
        {
            **PRENOTE,
            "why": "our_mistake",
            "will_take_cents": 42480,
            "will_take_on": "2026-12-22",
        },
    ),
    "account that took no refund": (
        "account_refused",
        {**PRENOTE, "why": "bad_account", "mandate_ended": True, "refund_cents": 1000},
    ),
    "account not asked": ("account_refused", {**PRENOTE, "why": "not_taken"}),
    "account left out": ("account_refused", {**PRENOTE, "why": "not_taken", "mandate_held": True}),
    "carried over": ("carried", CARRIED),
    "carried over, too late for the first payment": (
        "carried",
        {**CARRIED, "month": "2027-01", "on": "2027-01-22", "pay_by": "2026-12-23"},
    ),
    "carried over with a credit": ("carried", {**CARRIED, "credit_cents": 9000}),
    "carried over, nothing owed": ("carried", {**CARRIED, "cents": 0, "owed_cents": 0}),
    "reminder": ("reminder", REMINDER),
    "reminder of the rest": ("reminder", {**REMINDER, "uncovered_cents": 10000}),
    "it was due": ("reminder", {**REMINDER, "is_before": False}),
    "reminder of a first payment": (
        "reminder",
        {
            **REMINDER,
            "first_payment": {
                "start": "in_time",
                "starts_on": "2027-01-01",
                "pay_by": "2026-12-23",
            },
        },
    ),
    "renewal": ("renewal", RENEWAL),
    "renewal before the first charge": ("renewal", {**RENEWAL, "cents": 0}),
    "plan change in the year": ("renewal", {**RENEWAL, "new_plan_year": 2026}),
    "plan change that may be paid": ("renewal", {**RENEWAL, "carries_on": True}),
    "plan change before the first charge": (
        "renewal",
        {**RENEWAL, "new_plan_year": 2026, "cents": 0},
    ),
    "paid": ("paid", PAYMENT),
    "paid on the 22nd": ("paid", {**PAYMENT, "confirmation": None, "kind": "withdrawal"}),
    "not paid": ("not_paid", NOT_PAID),
    **{
        f"first payment not paid, {start}": (
            "not_paid",
            {
                **NOT_PAID,
                "first_payment": {
                    "start": start,
                    "starts_on": "2027-01-01",
                    "pay_by": "2026-12-23",
                },
            },
        )
        for start in ("in_time", "late", "begun")
    },
    "not paid, stopped in time": ("not_paid", {**NOT_PAID, "why": "stopped_in_time"}),
    "not paid, and ended": (
        "not_paid",
        {**NOT_PAID, "kind": "withdrawal", "confirmation": None, "mandate_ended": True},
    ),
    **{
        f"not paid, and on hold: {why}": (
            "not_paid",
            {**NOT_PAID, "mandate_held": True, "why": why},
        )
        for why in HOLDS
    },
    "not paid, and ended with one on its way": (
        "not_paid",
        {**NOT_PAID, **STARTED, "mandate_ended": True},
    ),
    "not paid, and on hold with one on its way": (
        "not_paid",
        {**NOT_PAID, **STARTED, "mandate_held": True, "why": "stopped"},
    ),
    "not paid, taken in part on another day": (
        "not_paid",
        {**ANNOUNCED, "will_take_on": "2027-02-23", "not_taken_cents": 21240},
    ),
    "not paid, before the notice": (
        "not_paid",
        {**ANNOUNCED, "not_taken_cents": 21240, "notice_by": "2026-12-12"},
    ),
    "not paid, before the first notice": ("not_paid", {**NOT_PAID, "notice_by": "2026-12-12"}),
    "not paid, and no undo": ("not_paid", {**NOT_PAID, "undo_gone": True, "why": "bad_account"}),
    "not paid, taken later": ("not_paid", {**ANNOUNCED, "owed_cents": 21240}),
    "not paid, taken in part": ("not_paid", {**ANNOUNCED, "not_taken_cents": 21240}),
    "not paid, for our file was refused": ("not_paid", {**NOT_PAID, "why": "not_taken"}),
    "not paid, nothing owed": ("not_paid", {**NOT_PAID, "owed_cents": 0}),
    "later": ("later", LATER),
    "withdrawal later": (
        "later",
        {
            **LATER,
            "confirmation": None,
            "kind": "withdrawal",
            "announced_on": "2026-12-22",
            "now_on": "2026-12-23",
            "counts_on": "2026-12-22",
        },
    ),
    "account corrected": (
        "account_corrected",
        {
            **ABOUT,
            "old_last4": "6789",
            "new_last4": "9876",
            "what": "C01",
            "account_type": None,
            "next_time": False,
            "held": False,
        },
    ),
    "account corrected, for the next time": (
        "account_corrected",
        {
            **ABOUT,
            "old_last4": "6789",
            "new_last4": "9876",
            "what": "C06",
            "account_type": "savings",
            "next_time": True,
            "held": False,
        },
    ),
    "kind of account corrected, for the next time": (
        "account_corrected",
        {
            **ABOUT,
            "old_last4": "6789",
            "new_last4": None,
            "what": "C05",
            "account_type": "checking",
            "next_time": True,
            "held": False,
        },
    ),
    "routing corrected": (
        "account_corrected",
        {
            **ABOUT,
            "old_last4": "6789",
            "new_last4": None,
            "what": "C02",
            "account_type": None,
            "next_time": False,
            "held": False,
        },
    ),
    "account corrected, on hold": (
        "account_corrected",
        {
            **ABOUT,
            "old_last4": "6789",
            "new_last4": "9876",
            "what": "C06",
            "account_type": "savings",
            "next_time": False,
            "held": True,
        },
    ),
    "kind of account corrected, on hold": (
        "account_corrected",
        {
            **ABOUT,
            "old_last4": "6789",
            "new_last4": "6789",
            "what": "C05",
            "account_type": "savings",
            "next_time": False,
            "held": True,
        },
    ),
    "kind of account corrected": (
        "account_corrected",
        {
            **ABOUT,
            "old_last4": "6789",
            "new_last4": "6789",
            "what": "C05",
            "account_type": "checking",
            "next_time": False,
            "held": False,
        },
    ),
    "credit": ("credit", {**ABOUT, "cents": 10000, "month": "2026-12"}),
    "coverage ends before a withdrawal": ("coverage_ended", COVERAGE_ENDED),
    "coverage ends with a credit": ("coverage_ended", {**COVERAGE_ENDED, "owed_cents": -1200}),
    "coverage ends after a last withdrawal": (
        "coverage_ended",
        {**COVERAGE_ENDED, **NOT_ANNOUNCED, "ends_on": "2026-12-31", "monthly_until": "2026-12-22"},
    ),
    "coverage ends, and a plan may follow": (
        "coverage_ended",
        {**COVERAGE_ENDED, **NOT_ANNOUNCED, "carries_on": True, "owed_cents": 0},
    ),
    "coverage ends, paid once": (
        "coverage_ended",
        {**COVERAGE_ENDED, **NOT_ANNOUNCED, "had_monthly": False, "owed_cents": 0},
    ),
    "cancelled before it began": (
        "coverage_ended",
        {**COVERAGE_ENDED, "never_began": True, "owed_cents": -31000},
    ),
    "cancelled before it began, one on its way": (
        "coverage_ended",
        {
            **COVERAGE_ENDED,
            **NOT_ANNOUNCED,
            **STARTED,
            "never_began": True,
            "owed_cents": -31000,
        },
    ),
    "coverage comes back": ("coverage_back", COVERAGE_BACK),
    "coverage ends later": (
        "coverage_back",
        {**COVERAGE_BACK, "ends_on": "2026-12-30", "monthly": "on", "owed_cents": 0},
    ),
    "coverage comes back to who paid once": ("coverage_back", {**COVERAGE_BACK, "monthly": None}),
    "less is taken": ("smaller", SMALLER),
    "nothing is taken": ("smaller", {**SMALLER, "cents": 0, "owed_cents": -9000}),
    "too much is on its way": (
        "smaller",
        {**SMALLER, "was_cents": 31000, "cents": 31000, "on_its_way": True, "owed_cents": -20000},
    ),
    "ended with a debt": ("ended_debt", {**ABOUT, "cents": 4250, "ended_on": "2026-11-30"}),
}
