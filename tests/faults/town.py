"""Who there is, and what they do without a fault: members at each step of the page, and money."""

import re
from collections.abc import Callable
from typing import Any

from chalicelib import bootstrap
from chalicelib.domain.payment import AccountNumber
from chalicelib.domain.signature import Signature
from chalicelib.domain.timetable import NEW_YORK
from chalicelib.entrypoints.cookies import VISIT
from chalicelib.entrypoints.page_request import journey_id_of
from tests.builders import a_feed, a_feed_row
from tests.faults.world import FEEDS, Member, World
from tests.member import BANK, claim_of
from tests.monthly import at

ONE, TWO, THREE, FOUR = "EN000001", "EN000002", "EN000003", "EN000004"
GOOD = "000123456789"
SSNS = {ONE: "412-81-1001", TWO: "412-81-1002", THREE: "412-81-1003", FOUR: "412-81-1004"}


def row(name: str, **changed: str) -> dict[str, str]:
    """Somebody whose coverage begins in January, and who owes $424.80 for it."""
    number = name[-1]
    facts = {
        "enrollment_id": name,
        "subscriber_id": f"SUB{number}",
        "plan_year": "2027",
        "billing_account": f"70000000{number}",
        "ssn": SSNS.get(name, f"412-81-100{number}"),
        "last_name": f"Peña {'abcdefghij'[int(number)]}",
        "billed_through": "2027-01",
        "coverage_start": "2027-01-01",
        "coverage_end": "2027-12-31",
        "selected_at": "2026-11-20T15:00:00Z",
    }
    return a_feed_row(**{**facts, **changed})


def enroll(world: World, *rows: dict[str, str], name: str = "town.csv") -> None:
    """The exchange sends its feed."""
    world.arrives(f"{FEEDS}{name}", a_feed(*(rows or map(row, SSNS))))
    world.quiet()


def found(
    world: World, name: str = ONE, to: str = "pay", visit: str = "", **changed: str
) -> Member:
    """A member who said who they are."""
    member = Member(world, source_ip=f"203.0.113.{name[-1]}")
    claim = claim_of(row(name, **changed))
    step(world, f"{visit}find {name} {to}", member, "/find", **{**claim, "to": to})
    return member


def step(world: World, label: str, member: Member, address: str, **fields: str) -> Any:
    """A page that is looked at, or a form that goes through."""
    if not fields:
        return world._invoke(f"{label} {address}", lambda: member.get(address))
    step(world, f"{label}, looks", member, address)
    answer = world._invoke(f"{label} {address}", lambda: member.post(address, fields))
    assert answer.status == 303, answer.text[:1500]
    return answer


def at_review(
    world: World,
    *names: str,
    number: str = GOOD,
    pay: str = "total",
    amount: str = "",
    monthly: bool = False,
    visit: str = "",
) -> tuple[Member, dict[str, str]]:
    """Up to the last step; the form that Submit sends."""
    label = f"{visit}{names[0]}"
    member = found(world, names[0], visit=visit)
    step(
        world, label, member, "/contact",
        email=f"{names[0].lower()}@example.com", email_again=f"{names[0].lower()}@example.com",
        phone="617-555-0123",
    )  # fmt: skip
    chosen = {f"pay_{name}": pay for name in names} | {f"amount_{name}": amount for name in names}
    chosen |= {"account": number, "account_again": number, "confirm_again": "yes"}
    chosen |= {f"confirm_amount_{name}": "yes" for name in names}
    chosen |= {"frequency": "monthly" if monthly else "once"}
    step(world, label, member, "/billing", **{**BANK, **chosen})
    shown = step(world, label, member, "/review")
    token = re.search(r'name="captcha_token"[^>]*value="([^"]+)"', shown.html)
    assert token, shown.text
    journey = journey_id_of(member.cookies[VISIT])
    answer = world._invoke("looks at the picture", lambda: member.answer_of(token[1], journey))
    return member, {"agree": "yes", "captcha_token": token[1], "captcha_answer": answer}


def pays(world: World, *names: str, when: Any = None, **how: Any) -> None:
    """A whole payment without a fault."""
    world.reach(when or at(3, 10))
    member, form = at_review(world, *names, **how)
    said = world.posts(f"pays {names[0]} {how.get('visit', '')}", member, "/review", **form)
    assert said == (303, "/done"), said
    world.quiet()


def all_pay(world: World, **how: Any) -> None:
    """Three members, each their own way."""
    enroll(world)
    pays(world, ONE, **how)
    pays(world, TWO, monthly=True, pay="other", amount="100.00")
    pays(world, THREE, monthly=True)


def live_mandate(world: World, name: str = ONE) -> str:
    rows = world.state.store.items["mandates"].values()
    [found_] = [
        r["mandate_id"] for r in rows if r.get("mandate_id") and r.get("enrollment_id") == name
    ]
    return str(found_)


def debits(world: World, name: str, number: str) -> None:
    """From now on the mandate debits another number: the first payment was paid, this is not."""
    about = f"SUB{name[-1]}"

    def its() -> tuple[str, str]:
        here = bootstrap.system()
        return here.vault.seal("account", number, about), here.account_validation.fingerprint(
            about, AccountNumber(number)
        )

    sealed, print_ = world._invoke("another number", its)
    rows = world.state.store.items["mandates"]
    key = next(key for key in rows if key[1] == f"live#{name}")
    *older, standing = rows[key]["standing"]
    account = {**standing["account"], "sealed_number": sealed, "fingerprint": print_}
    account["last4"] = number[-4:]
    rows[key] = {**rows[key], "standing": [*older, {**standing, "account": account}]}


def payment_of(world: World, name: str = ONE, kind: str = "payment") -> str:
    """The newest money that moved for an enrollment."""
    rows = world.state.store.items["ledger"].values()
    mine = [
        r for r in rows if r["enrollment_id"] == name and r["kind"] == kind and r.get("payment_id")
    ]
    return str(max(mine, key=lambda r: r["at"])["payment_id"])


def signed(world: World, who: str = "Ada") -> Signature:
    return Signature(who=who, why="she asked on the phone", at=world.now())


def ready(world: World, member: Member, address: str, fields: dict[str, str]) -> None:
    """The form that is about to be sent."""
    world.state.notes["form"] = dict(member.cookies), member.csrf, member.source_ip, address, fields


def waiting(world: World) -> Member:
    """Whose form that is."""
    cookies, csrf, source_ip, _, _ = world.state.notes["form"]
    return Member(world, source_ip=source_ip, cookies=dict(cookies), csrf=csrf)


def send(world: World) -> None:
    """It is sent."""
    *_, address, fields = world.state.notes["form"]
    member = waiting(world)
    world.posts("sends", member, address, **fields)
    world.quiet()


def on(*days: int) -> Callable[[Any], bool]:
    return lambda when: when.astimezone(NEW_YORK).day in days
