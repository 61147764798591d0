"""Letters about debits: later than was told, back, refused, or surely ours. Pure."""

from datetime import date, datetime

from chalicelib.domain.banking_days import local_day
from chalicelib.domain.enrollment import Enrollment
from chalicelib.domain.entry import Entry
from chalicelib.domain.identities import entry_letter, later_letter
from chalicelib.domain.ledger import Line, LineKind
from chalicelib.domain.letter_facts import Facts, MovedMoney, about, mail_of
from chalicelib.domain.letters import KINDS, LaterLetter, PaidLetter
from chalicelib.domain.mail import Mail
from chalicelib.domain.timetable import WITHDRAWALS
from chalicelib.services.mail.payers import Payer


def paid_mail(entry: Entry, line: Line, enrollment: Enrollment, payer: Payer, at: datetime) -> Mail:
    """Two full banking days have passed without a return (rule 17)."""
    tells = PaidLetter(about=about(enrollment, entry.account), money=moved(entry, line, payer))
    return payment_mail(tells, entry, payer, at)


def later_mail(
    entry: Entry, line: Line, enrollment: Enrollment, payer: Payer, on: date, at: datetime
) -> Mail:
    """The real date, where the file goes later than the member was told (rule 27)."""
    of_the_22nd = line.kind is LineKind.WITHDRAWAL  # it counts as of then (rule 6)
    counts_from = WITHDRAWALS.first_of(str(line.month)) if of_the_22nd else line.at
    tells = LaterLetter(
        about=about(enrollment, entry.account),
        money=moved(entry, line, payer),
        announced_on=entry.effective_on,
        now_on=on,
        counts_on=local_day(counts_from),
    )
    return payment_mail(tells, entry, payer, at, later_letter(entry.payment_id, on))


def moved(entry: Entry, line: Line, payer: Payer) -> MovedMoney:
    """What every letter about moved money names."""
    return MovedMoney(
        confirmation=payer.confirmation,
        cents=entry.amount_cents,
        kind="withdrawal" if line.kind is LineKind.WITHDRAWAL else "payment",
        on=local_day(line.at),
    )


def payment_mail(
    tells: Facts, entry: Entry, payer: Payer, at: datetime, mail_id: str | None = None
) -> Mail:
    """To whom the money belongs."""
    assert payer.contact, "somebody is told"
    kind, name = KINDS[type(tells)], entry.enrollment_id
    mail_id = mail_id or entry_letter(kind, entry.payment_id)
    return mail_of(kind, tells, mail_id, payer.contact, payer.language, name, at)
