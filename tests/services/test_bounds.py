"""Who looks again at what others change stops after some looks, and says so (I20)."""

from types import SimpleNamespace

import pytest

from chalicelib.domain.banking_days import ReturnWindow
from chalicelib.domain.mail import PendingMail
from chalicelib.domain.mandate import Mandates
from chalicelib.repositories.mandates import MandateBook
from chalicelib.repositories.outbox import Outbox
from chalicelib.services.monthly.months import Months
from chalicelib.store import ConditionFailed, Contended, first_free
from infra.offline.memory_store import MemoryStore
from tests.monthly import at


class Busy(MandateBook):
    """Mandates that somebody changes between any two looks."""

    def of(self, enrollment_id):
        self.version = getattr(self, "version", 0) + 1
        return Mandates(enrollment_id=enrollment_id, version=self.version)


class AllFrozen(MandateBook):
    """As if the run of every month had begun."""

    def is_frozen(self, *_):
        return True


class Refusing(MemoryStore):
    """A store that refuses without saying what."""

    def write(self, *_):
        raise ConditionFailed(())


def the_mandates():
    Busy(MemoryStore()).every("EN000001")


def one_mandate():
    Busy(MemoryStore()).find("EN000001", "M1")


def the_month_of_late_news():
    records = SimpleNamespace(mandates=AllFrozen(MemoryStore()))
    Months(records=records, return_window=ReturnWindow(0), debit_ceiling_cents=0).coming(
        "EN000001", at(3)
    )


def the_letters_that_wait():
    waiting = PendingMail(mail_id="receipt.A", promised_at=at(3), woken_at=None)
    Outbox(Refusing()).note_woken([waiting], at(4))


def the_first_free_day():
    first_free(1, lambda day: day + 1, lambda _: True)


@pytest.mark.parametrize(
    "look",
    [
        the_mandates,
        one_mandate,
        the_month_of_late_news,
        the_letters_that_wait,
        the_first_free_day,
    ],
)
def test_looking_again_ends(look):
    with pytest.raises(Contended):
        look()
