"""The harness sees: each defect that is planted here is found, and without it nothing is."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

import app
from chalicelib.adapters.bank_line import S3BankLine
from chalicelib.domain.credit import Credit
from chalicelib.domain.mail import MailState
from chalicelib.repositories.outbox import Outbox
from infra.offline.resources import load
from tests.faults import gate, matrix, neighbours, world
from tests.faults.matrix import Point
from tests.small import shrink


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    shrink(monkeypatch.setattr)
    matrix.calm.cache_clear()
    yield
    matrix.calm.cache_clear()


def found(flow, neighbour=""):
    """What the first point of a flow, at calls to any neighbour or to one, breaks of the truths."""
    calls = matrix.calm(flow).calls
    points = (each for each in matrix.points(flow) if neighbour in calls[each.n - 1].neighbour)
    played = (matrix.play(point) for point in points)
    return " ".join(next((each.violations for each in played if each.violations), ()))


@pytest.mark.parametrize("flow", ["submit_one", "propose", "mail_sender", "send_again"])
def test_nothing_is_planted_and_nothing_is_found(flow):
    assert found(flow) == ""


def test_a_transaction_in_pieces_is_found(monkeypatch):
    whole = gate.GatedStore.write

    def pieces(self, *writes):
        for write in writes:
            whole(self, write)

    monkeypatch.setattr(gate.GatedStore, "write", pieces)
    assert "differs: " in found("submit_one")


def test_a_mail_that_goes_with_each_message_is_found(monkeypatch):
    def get(self, day, mail_id, real=Outbox.get):
        mail = real(self, day, mail_id)
        return mail and replace(mail, state=MailState.PENDING)

    monkeypatch.setattr(Outbox, "get", get)
    assert "mails went twice" in found("mail_sender")


def test_a_sealed_file_that_is_written_over_is_found(monkeypatch):
    def put(self, place, chunks):
        self._s3.put_object(**place, Body=b"".join(chunks))
        return True

    monkeypatch.setattr(S3BankLine, "_put_once", put)
    assert "I16: sealed/bank" in found("collection", "s3")


def test_a_proposal_without_an_identity_of_its_own_is_found(monkeypatch):
    numbers = itertools.count()
    monkeypatch.setattr(Credit, "identity", lambda *_: f"CREDIT{next(numbers):09}")
    assert "should not be there" in found("propose")


def test_a_point_is_read_as_it_is_written():
    for text in ("submit_two:17:answer_lost", "cancel:3:dies_after+2:error_before"):
        assert str(Point.read(text)) == text


def test_the_queues_are_read_as_aws_reads_them():
    resources = load()["Resources"]
    sources = {each.handler_string.rpartition(".")[2]: each for each in app.app.event_sources}
    for name, (function, batch, hidden) in world.READERS.items():
        queue = resources[f"{name.title()}Queue"]["Properties"]
        assert queue["RedrivePolicy"]["maxReceiveCount"] == world.RECEIVES
        assert timedelta(seconds=queue["VisibilityTimeout"]) == hidden
        assert sources[function].batch_size == batch


def test_every_neighbour_may_be_down():
    assert {point.split(":")[1] for point in neighbours.points()} == set(neighbours.NEIGHBOURS)
