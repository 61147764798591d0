"""A file that the bank does not take: nobody is told that they have paid (decision 0013)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from typer.testing import CliRunner

from infra.offline.world import World
from infra.staff.__main__ import app
from tests.journeys import people
from tests.journeys.canaries import Canaries
from tests.journeys.conftest import EIGHT_SHARDS
from tests.member import claim_of

ACCOUNT = "5566778899"
LONG_AFTER = datetime(2026, 12, 18, 2, tzinfo=UTC)


def test_a_file_that_the_bank_refuses_is_a_case_and_never_called_paid():
    """To this bank we are somebody else: half an hour later it refuses the whole file."""
    with World.start(
        now=people.THURSDAY, count=0, in_background=False, in_memory=True, settings=EIGHT_SHARDS
    ) as world:
        bank = world.pump.bank
        bank.customer = replace(bank.customer, origin="1000000000")
        bank.__post_init__()
        person = people.join(world, Canaries())
        person.paid(account=ACCOUNT, account_again=ACCOUNT)
        world.pump.move(LONG_AFTER)
        visit = people.another_visit(person)
        visit.find({**claim_of(person.row), "to": "history"})
        assert "Sent to your bank: " in visit.get("/history").text
        assert not [mail for mail in person.mails if "complete" in mail["subject"].lower()]
        [file] = person.ask("/bank/files")
        [case] = person.ask("/cases")
        assert (case["case"], case["kind"]) == (f"refused_file#{file['name']}", "bank")
        assert "the bank refused it: file: sender" in case["reason"]
        assert world.metrics.counts["FilesRefused"] > 10  # every evening until staff act
        assert world.pump.failures == []
        answer = CliRunner().invoke(
            app, ["file", "undo", file["name"], "--reason", "the bank cannot mend it", "--yes"]
        )
        assert answer.exit_code == 0, answer.output
        world.pump.settle()
        history = visit.get("/history").text
        assert "Not paid: nothing was taken" in history
        assert "Sent to your bank: " not in history
        assert "The mistake was ours, not yours. It does not count as paid." in history
        assert [mail for mail in person.mails if "we did not take" in mail["subject"]]
        assert person.ask("/cases") == []
        world.pump.move(LONG_AFTER + timedelta(days=1))
        assert person.ask("/reconciliation")["agrees"]
