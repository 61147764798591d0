"""A month is played once; its figures, and what the control room says of it, agree."""

from dataclasses import replace
from datetime import datetime

import pytest
import requests

from chalicelib.domain.payment import EntryKind
from infra.offline import acts, month
from infra.offline.__main__ import BadOption
from infra.offline.acts import Month, eve
from infra.offline.month import Options
from infra.offline.sums import Row, prenotes, rows
from infra.offline.world import World

JANUARY = "2027-01"
RUNS = [
    "billing#2027-01",
    "notice#2027-01-10",
    "notice#2027-01-11",
    "notice#2027-01-12",
    "reminder#2027-01-20",
    "withdrawal#2027-01",
    "reminder#2027-01-24",
]


def of_keys(call):
    """What KMS was asked, or the table of its keys."""
    if call.service == "kms" or b'-keys-1"' in (call.body or b""):
        yield call.operation


@pytest.fixture(scope="module")
def played():
    said = []
    with (
        World.start(now=eve(JANUARY), count=45, in_background=False) as world,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(acts, "UNREADABLE_EVERY", 7)  # one prenote is left out of its file
        asked = set()
        world.engine.on_call(after=lambda call: asked.update(of_keys(call)))
        played = Month(world, JANUARY, lambda *step: said.append(step))
        played.set_up(51)
        for act in (played.bill, played.announce, played.live, played.withdraw, played.end):
            act()
        played.said, played.asked_of_keys = said, asked
        yield played


@pytest.fixture
def ask(played):
    def ask(path, accept="application/json"):
        headers = {"Accept": accept}
        answer = requests.get(f"{played.world.room_url}{path}", headers=headers, timeout=30)
        if not answer.ok:
            return answer.status_code
        return answer.json() if "json" in accept else answer.text

    return ask


@pytest.fixture
def decided(played, ask):
    """The line of the withdrawal, by enrollment."""
    found = {}
    for enrollment_id in played.mandates:
        lines = ask(f"/ledger/{enrollment_id}")["lines"]
        mine = [each for each in lines if each["kind"] == "withdrawal"]
        assert len(mine) <= 1
        found.update((enrollment_id, each) for each in mine)
    return found


def test_in_a_whole_month_no_function_writes_keys_or_has_them_made(played):
    """The world made them at its start, as a deployment does, by the same code."""
    assert played.asked_of_keys == {"Query", "GetItem", "Decrypt", "GenerateMac"}


def test_all_sums_of_the_month_agree(played):
    figures = rows(played.world, played.post, JANUARY, played.announced_cents)
    assert [row for row in figures if not row.agrees] == []
    largest = {row.what: max(row.said.values()) for row in figures}
    assert largest.pop("Differences") > 0  # what was left out, and nothing else
    assert all(largest.values())


def test_its_progress_reaches_the_end(played):
    last = {what: (done, whole) for what, done, whole in played.said}
    assert len(last) == 6
    assert all(done == whole for done, whole in last.values())
    assert ("Bills, the 1st", 32, 64) in played.said


def test_runs_are_told_oldest_first_with_positive_cents(ask):
    said = ask("/runs")
    of_the_month = [run for run in said if run["kind"] != "collection"]
    assert [run["run"] for run in of_the_month] == RUNS
    fields = "run kind period state active claimed skipped excluded total_cents"
    for run in said:
        assert " ".join(run) == fields
        assert run["state"] == "closed"
        assert run["claimed"] + run["skipped"] + run["excluded"] == run["active"]
        assert run["total_cents"] >= 0
        assert run["run"].startswith(f"{run['kind']}#")
    assert {run["period"] for run in of_the_month} == {JANUARY}


def test_what_a_withdrawal_took_or_did_not_take_is_a_state_of_its_line(decided, ask):
    run = next(run for run in ask("/runs") if run["kind"] == "withdrawal")
    states = [line["state"] for line in decided.values()]
    assert states.count("paid") + states.count("not_paid") == run["claimed"]
    assert 0 < states.count("not_paid") < states.count("paid")
    assert states.count("skipped") == run["skipped"]
    assert states.count("excluded") == run["excluded"]
    assert sum(-line["amount_cents"] for line in decided.values()) == run["total_cents"]


def test_mandates_are_told_oldest_first_and_those_that_were_cancelled_have_ended(played, ask):
    states = {}
    for enrollment_id, mandate_id in played.mandates.items():
        [said] = ask(f"/mandates/{enrollment_id}")
        assert said["mandate_id"] == mandate_id
        assert len(said["account_last4"]) == 4
        assert datetime.fromisoformat(said["created_at"]) >= eve(JANUARY)
        assert said["created_at"].endswith("Z")
        assert (said["ended_at"] is None) == (said["state"] != "ended")
        states[enrollment_id] = said["state"]
    ended = [n for n, state in enumerate(states.values(), start=1) if state == "ended"]
    cancelled = [n for n in range(12, len(states) + 1, 12) if n % 24]  # the others were undone
    assert set(ended) >= set(cancelled)  # and a return ends some


def test_an_enrollment_without_mandates_has_none_and_one_that_is_not_there_is_404(played, ask):
    others = [row["enrollment_id"] for row in ask("/members")]
    without = next(each for each in others if each not in played.mandates)
    assert ask(f"/mandates/{without}") == []
    assert ask("/mandates/E000") == 404


def test_people_see_the_same_on_pages(played, ask):
    page = ask("/runs", accept="text/html")
    assert all(run in page for run in RUNS)
    enrollment_id, mandate_id = next(iter(played.mandates.items()))
    assert mandate_id in ask(f"/mandates/{enrollment_id}", accept="text/html")
    assert f"/mandates/{enrollment_id}" in ask(f"/ledger/{enrollment_id}", accept="text/html")
    assert 'href="/runs"' in ask("/", accept="text/html")


def test_a_figure_that_two_say_differently_ends_the_command_with_1(monkeypatch, capsys):
    monkeypatch.setattr(
        month, "play", lambda *_: [Row("Charged", {"run": 100, "ledger": 99}, True)]
    )
    assert month.main() == 1
    said = capsys.readouterr().out
    assert "$1.00" in said
    assert "$0.99" in said
    assert "DIFFER" in said


def test_the_month_is_the_coming_one_but_december():
    def of(day):
        return Options.read({}, datetime.fromisoformat(f"{day}T12:00:00+00:00")).month

    assert [of("2026-05-31"), of("2026-11-03"), of("2026-12-31")] == [
        "2026-06",
        "2027-01",
        "2027-01",
    ]


@pytest.mark.parametrize("text", ["2026-13", "december", "26-12"])
def test_a_month_that_is_none_is_refused(text):
    with pytest.raises(BadOption, match="MONTH"):
        Options.read({"MONTH": text}, eve(JANUARY))


def test_a_prenote_that_was_left_out_of_its_file_was_not_sent(played):
    """It may lie beside one that was, in the same part."""
    system = played.world.system
    transmission = next(each for each in system.records.transmissions.all() if each.left_out)
    kept = [
        entry
        for batch in transmission.batches
        for entry in system.records.books.entries(batch.collection, batch.kind)
        if entry.kind is EntryKind.PRENOTE and entry.payment_id not in transmission.left_out_ids
    ]
    before = prenotes(played.world, [transmission])
    assert before == len(kept) > 0
    left_out = replace(transmission.left_out[0], payment_id=kept[0].payment_id)
    changed = replace(transmission, left_out=(*transmission.left_out, left_out))
    assert prenotes(played.world, [changed]) == before - 1
