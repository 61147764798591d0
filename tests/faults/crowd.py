"""Many members with monthly payments, told on the 10th; a few of them poison, each kind in turn."""

import json
from collections import Counter
from dataclasses import replace
from itertools import count, islice

from chalicelib.domain.enrollment import slot_of
from chalicelib.domain.letter_facts import about
from chalicelib.domain.mail import MailState
from chalicelib.domain.withdrawal import Exclusion
from chalicelib.repositories.mandates import FILLED, MandateBook
from chalicelib.repositories.outbox import _partition
from tests.builders import a_mail, a_mandate, an_announcement
from tests.monthly import MONTH, Exchange
from tests.stores import mail_rows

TEMPLATE = "EN000001"
OWED, ANNOUNCED, SEALED = 987_654_321_012, 987_654_321_013, "v1.1.sealed"  # like nothing else
TABLES = ("enrollments", "ledger", "mandates", "outbox")


class Crowd:
    """`size` members in a store; `poison` names the bad ones, with the reason of each."""

    def __init__(self, store, size, *, poison_every=0, slots=1024):
        self.store, self.size = store, size
        self.poison, self.amounts = {}, {}
        self._vault = Exchange().system.vault
        self._rows = _template()
        names = (name for n in count(1) if slot_of(name := f"EN{n:07}") < slots)
        for n, name in enumerate(islice(names, size), start=1):
            self._join(n, name)
            if poison_every and n % poison_every == 0:
                self._spoil(n // poison_every, name)
        for keys in store._order.values():
            keys.sort()

    def _join(self, n, name):
        owed = 0 if n % 10 == 0 else 10_000 + n % 97
        announced = owed if n % 3 else owed + 500
        if n % 7 == 0:
            announced = owed // 2
        self.amounts[name] = min(owed, announced)
        self.store.write(MandateBook(self.store).filling(name))
        sealed = self._vault.seal("account", f"0000{n:08}", f"S{name}")
        for table, text in self._rows:
            mine = text.replace(TEMPLATE, name).replace(SEALED, sealed)
            mine = mine.replace(str(OWED), str(owed)).replace(str(ANNOUNCED), str(announced))
            self._keep(table, name, json.loads(mine))

    def _keep(self, table, name, item):
        if "slot" in item:
            item["slot"] = slot_of(name) if table == "enrollments" else str(slot_of(name))
        if table == "outbox":
            item["day"] = _partition(item["day"].partition(".")[0], item["mail_id"])
        names = {"enrollments": "enrollment_id", "ledger": "line", "mandates": "mandate"}
        sort = names.get(table, "mail_id")
        partition = {"ledger": "enrollment_id", "outbox": "day"}.get(table, "slot")
        key = item[partition], item[sort]
        self.store.items[table][key] = item
        self.store._order[table, key[0]].append(key[1])

    def _spoil(self, n, name):
        slot = slot_of(name)
        live = self.store.items["mandates"][str(slot), f"live#{name}"]
        announced = self.store.items["mandates"][str(slot), f"announced#{MONTH}#{name}"]
        [mandate] = live["standing"]
        match list(Exclusion)[n % len(Exclusion)]:
            case Exclusion.NO_NOTICE as reason:
                del self.store.items["mandates"][str(slot), f"announced#{MONTH}#{name}"]
                self.store._order["mandates", str(slot)].remove(f"announced#{MONTH}#{name}")
            case Exclusion.HELD as reason:
                mandate["held"] = True
            case Exclusion.UNKNOWN_ENROLLMENT as reason:
                self.store.items["enrollments"][slot, name]["birth_on"] = "soon"
            case Exclusion.BAD_ROUTING as reason:
                mandate["account"]["routing"] = "231380105"
            case Exclusion.ABOVE_CEILING as reason:
                self.store.items["ledger"][name, "opening"]["amount_cents"] = 2_000_001
                announced["cents"] = 2_000_001
            case Exclusion.UNREADABLE_MANDATE as reason:
                mandate["plan"] = "vision"
            case _:
                reason = Exclusion.UNREADABLE_ACCOUNT
                mandate["account"]["sealed_number"] = self._vault.seal("account", "1", "other")
        self.poison[name] = str(reason)
        self.amounts[name] = 0

    def check(self):
        """I1, I4, I14, I15: every member was decided once, rightly, and the bad ones are told."""
        lines = _withdrawals(self.store)
        assert len(lines) == self.size
        for name, amount in self.amounts.items():
            line = lines[name]
            assert -line["amount_cents"] == amount, name
            assert line.get("reason") == self.poison.get(name), name
        claimed = {line["payment_id"]: line for line in lines.values() if line.get("payment_id")}
        entries = list(self.store.items["entries"].values())
        assert len(entries) == len(claimed)
        for entry in entries:
            assert entry["amount_cents"] == -claimed[entry["payment_id"]]["amount_cents"]
        mails = Counter((m["kind"], m["enrollment_id"]) for m in _of_the_run(self.store))
        decided = {("withdrawal", line["enrollment_id"]) for line in claimed.values()}
        assert mails == Counter(decided | {("excluded", name) for name in self.poison})
        cases = self.store.items["cases"].values()
        found = {(case["enrollment_id"], case["reason"]) for case in cases}
        assert found == set(self.poison.items())
        verdicts = Counter(line["verdict"] for line in lines.values())
        return self.size, verdicts["claimed"], verdicts["skipped"], verdicts["excluded"]


def _template():
    """The rows of one member, as text to fill in."""
    exchange = Exchange()
    mandate = {"account": exchange.account(f"S{TEMPLATE}", sealed_number=SEALED)}
    exchange.member(TEMPLATE, OWED, mandate=mandate)
    mail = a_mail(
        mail_id=f"notice.x.{TEMPLATE}",
        kind="notice",
        enrollment_id=TEMPLATE,
        facts=about(a_mandate(), a_mandate().account).stored(),
        created_at=an_announcement().announced_at,
    )
    outbox = exchange.system.records.outbox
    outbox.add(mail)
    exchange.store.write(*outbox.marking(replace(mail, state=MailState.SENT, attempts=1), mail))
    announced = an_announcement(ANNOUNCED, enrollment_id=TEMPLATE, mail_id=mail.mail_id)
    exchange.store.write(exchange.system.records.mandates.announcing(announced))
    return [
        (table, json.dumps(item))
        for table in TABLES
        for item in exchange.store.items[table].values()
        if item.get("slot") != FILLED
    ]


def _withdrawals(store):
    rows = (row for key, row in store.items["ledger"].items() if key[1] == f"withdrawal#{MONTH}")
    return {row["enrollment_id"]: row for row in rows}


def _of_the_run(store):
    return (row for row in mail_rows(store) if row["kind"] != "notice")
