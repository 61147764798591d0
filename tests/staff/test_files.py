"""Files to the bank are listed, and an uncertain send is released by what the bank says of it."""

from datetime import datetime

import boto3
import pytest

from chalicelib.adapters.bank_line import S3BankLine
from chalicelib.domain.paying import Frequency
from chalicelib.domain.timetable import NEW_YORK
from infra.offline import sign_up
from infra.offline.sign_up import Wish
from infra.rights.acting import RECORDER

UNCERTAIN, STALE = "collection#2026-12-31", "collection#2027-01-04"
REASON = ("--reason", "asked the bank", "--yes")


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.fixture(scope="module")
def uncertain(world):
    """New Year's Eve's file was put out, and somebody took it away before the bank fetched it."""
    send, bucket = S3BankLine.send, world.stack.environment["BUCKET"]

    def taken_away(self, name):
        send(self, name)
        world.pump._arrived.clear()
        with RECORDER.aside():
            boto3.client("s3").delete_object(Bucket=bucket, Key=f"outbound/bank/{name}")
        raise OSError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(S3BankLine, "send", taken_away)
        world.pump.move(local("2026-12-31T18:05"))
    return UNCERTAIN


def _down(*_):
    raise OSError


def cases(world):
    return [case.case_id for case in world.system.records.cases.open()]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("file", "release", "collection#2099-01-01", "--bank-has-it", *REASON), "no transmission"),
        (("file", "release", UNCERTAIN, *REASON), "Missing option"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(staff, uncertain, words, told):
    answer = staff(*words)
    assert answer.exit_code in (1, 2)
    assert told in answer.stderr
    assert "Traceback" not in answer.output


def test_an_uncertain_send_is_listed_with_its_totals(world, staff, said, uncertain):
    assert cases(world) == [f"uncertain_send#{UNCERTAIN}"]
    found = said("files")[-1]
    transmission = world.system.records.transmissions.get(UNCERTAIN)
    assert found == {
        "transmission_id": UNCERTAIN,
        "state": "sending",
        "effective_on": "2027-01-04",
        "settles_on": "2027-01-04",
        "files": [file.name for file in transmission.files],
        "entries": transmission.entries,
        "debit_cents": transmission.debit_cents,
        "credit_cents": 0,
        "sealed_at": "2026-12-31T23:00:00Z",
        "sent_at": None,
        "acknowledged_at": None,
        "settled_at": None,
    }
    assert transmission.entries > 10
    assert f"{transmission.entries:,}" in staff("files").stdout


def test_without_a_yes_nothing_is_released(world, staff, uncertain):
    answer = staff("file", "release", uncertain, "--bank-has-not", "--reason", "x", typed="n\n")
    assert answer.exit_code == 1
    assert "settled on Monday, January 4, 2027" in answer.stdout
    assert str(world.system.records.transmissions.get(uncertain).state) == "sending"


def test_what_the_bank_has_not_is_sent_and_taken(world, staff, uncertain):
    answer = staff("file", "release", uncertain, "--bank-has-not", *REASON)
    assert answer.exit_code == 0, answer.output
    assert f"{uncertain} is sent" in answer.stdout
    assert cases(world) == []
    [line] = world.system.store.query("audit", f"transmission#{uncertain}")
    assert (line["who"], line["why"]) == ("Ada", "asked the bank")
    world.pump.settle()
    world.pump.move(local("2026-12-31T18:40"))
    assert str(world.system.records.transmissions.get(uncertain).state) == "acknowledged"


@pytest.mark.parametrize("word", ["--bank-has-it", "--bank-has-not"])
def test_what_the_bank_has_acknowledged_is_not_uncertain(staff, uncertain, word):
    answer = staff("file", "release", uncertain, word, *REASON)
    assert answer.exit_code == 1
    assert "the bank has said that it has it" in answer.stderr


def test_rule_27_a_file_whose_date_has_come_is_released_and_its_members_told(world, staff, said):
    world.pump.move(local("2027-01-04T10:00"))
    system = world.system
    [payer, *_] = [each for each in _enrolled(world) if each.can_be_paid(world.clock.now())]
    wish = Wish(frequency=Frequency.ONCE, cents=1234)
    sign_up.submit(system, payer, wish, world.clock.now())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(S3BankLine, "write", _down)
        world.pump.move(local("2027-01-04T21:00"))
        answer = staff("file", "release", STALE, "--bank-has-not", *REASON)
        assert (answer.exit_code, "its date has not come" in answer.stderr) == (1, True)
        world.pump.move(local("2027-01-05T21:00"))
    assert f"stale_transmission#{STALE}" not in cases(world)  # it would still go by itself
    answer = staff("file", "release", STALE, "--bank-has-it", *REASON)
    assert (answer.exit_code, "cannot have it" in answer.stderr) == (1, True)
    answer = staff("file", "release", STALE, "--bank-has-not", *REASON)
    assert answer.exit_code == 0, answer.output
    assert "settled on Wednesday, January 6, 2027" in answer.stdout
    assert f"stale_transmission#{STALE}" not in cases(world)
    world.pump.settle()
    later = [mail for mail in world.mailbox.all() if "later than we said" in mail["subject"]]
    assert "Wednesday, January 6, 2027" in later[0]["text"]
    world.pump.move(local("2027-01-07T21:00"))
    assert said("files", "--open")[0]["transmission_id"] == STALE
    world.pump.move(local("2027-01-08T21:00"))
    stale = next(each for each in said("files") if each["transmission_id"] == STALE)
    assert (stale["state"], stale["settles_on"]) == ("settled", "2027-01-06")
    assert STALE not in [each["transmission_id"] for each in said("files", "--open")]
    assert world.system.reconciling.differences(world.clock.now()) == []


def test_what_was_left_out_of_its_file_is_taken_back_and_its_member_told(world, staff, said):
    payer = [each for each in _enrolled(world) if each.can_be_paid(world.clock.now())][-1]
    name = payer.enrollment_id
    wish = Wish(frequency=Frequency.ONCE, cents=1234, sealed_about="another")
    sign_up.submit(world.system, payer, wish, world.clock.now())
    world.pump.move(local("2027-01-11T18:05"))
    [case] = [each for each in cases(world) if each.startswith("left_out#")]
    payment_id = case.removeprefix("left_out#")
    undo = ("payment", "undo", payment_id, "--reason", "its number does not open")
    answer = staff(*undo, typed="n\n")
    assert (answer.exit_code, "of $12.34" in answer.stdout, name in answer.stdout) == (
        1,
        True,
        True,
    )
    assert case in cases(world)
    answer = staff(*undo, "--yes")
    assert (answer.exit_code, answer.stdout.splitlines()[-1]) == (0, f"Taken back: {payment_id}.")
    assert case not in cases(world)
    [row] = [each for each in said("payments", name) if each["payment_id"] == payment_id]
    assert (row["state"], row["cents"]) == ("not_paid", 1234)
    world.pump.settle()
    mail = world.mailbox.all()[-1]
    assert (mail["to"], "$12.34" in mail["text"]) == (sign_up.address_of(payer), True)
    assert "We did not take your payment" in " ".join(mail["text"].split())


def test_what_was_in_its_file_is_not_taken_back_so(staff):
    answer = staff("payment", "undo", "PAYMENT1", "--reason", "why not", "--yes")
    said = "No entry PAYMENT1 was left out of a file."
    assert (answer.exit_code, answer.stderr.strip()) == (1, said)


def _enrolled(world):
    found = [
        each for n in range(1024) for each in world.system.records.enrollments.in_slot(n).values()
    ]
    return sorted((each for each in found if each), key=lambda each: each.enrollment_id)
