"""What was kept once is found again: no identity is ever spelled otherwise."""

from datetime import date

import pytest

from chalicelib.domain import identities
from chalicelib.domain.identities import halves_of, kind_of, parts_of, rest_of

DAY = date(2026, 12, 3)


@pytest.mark.parametrize(
    ("found", "stands"),
    [
        (identities.billing_run("2026-12"), "billing#2026-12"),
        (identities.withdrawal_run("2026-12"), "withdrawal#2026-12"),
        (identities.notice_run(date(2026, 12, 10)), "notice#2026-12-10"),
        (identities.shard_part(7), "shard#007"),
        (identities.run_shard("withdrawal#2026-12", 7), "withdrawal#2026-12#007"),
        (identities.run_group("2026-12"), "run#2026-12"),
        (identities.run_part("2026-12", 7), "run#2026-12#007"),
        (identities.web_part(DAY, 7), "web#2026-12-03#07"),
        (identities.evening_transmission(DAY), "collection#2026-12-03"),
        (identities.noon_transmission(DAY), "collection#2026-12-03#noon"),
        (identities.charge_line("2027-01", 1), "charge#2027-01"),
        (identities.charge_line("2027-01", 2), "charge#2027-01#2"),
        (identities.uncharge_line("charge#2027-01#2"), "uncharge#2027-01#2"),
        (identities.withdrawal_line("2026-12"), "withdrawal#2026-12"),
        (identities.payment_line("ABC"), "payment#ABC"),
        (identities.retry_line(1), "retry#1"),
        (identities.refund_line(1), "refund#1"),
        (identities.return_line("ABC"), "return#ABC"),
        (identities.adjustment_line("ABC"), "adjustment#ABC"),
        (identities.case_id("later", "ABC", DAY), "later#ABC#2026-12-03"),
        (identities.audit_subject("payment", "ABC"), "payment#ABC"),
    ],
)
def test_an_identity_stands_as_it_always_did(found, stands):
    assert found == stands


def test_an_identity_is_read_by_its_parts():
    assert parts_of("run#2026-12#007") == ["run", "2026-12", "007"]
    assert kind_of("run#2026-12#007") == "run"
    assert rest_of("run#2026-12#007") == "2026-12#007"
    assert halves_of("2026-12-03#id#C01") == ("2026-12-03", "id#C01")
    assert halves_of("web") == ("web", "")
