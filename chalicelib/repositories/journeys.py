"""Journeys, with what was typed sealed; and the challenges that were answered."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.draft import Draft
from chalicelib.domain.identities import joined
from chalicelib.domain.journey import LONGEST, Journey
from chalicelib.domain.purposes import DRAFT
from chalicelib.ports import Unsealable, Vault
from chalicelib.repositories.codec import from_item, from_json, to_item, to_json
from chalicelib.store import Change, ConditionFailed, Item, Put, Store, Write

SWEPT_AFTER = timedelta(hours=20)  # a late POST may still find what it left


class Journeys:
    """Table `journeys`: a row a visit, with the journey that it has open.

    Its TTL is a broom; whether a visit lives is decided by the domain.
    """

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def get(self, journey_id: str) -> Journey | None:
        """The journey as it stands now; a draft that does not open is as if never typed."""
        item = self._store.get("journeys", (_key(journey_id),))
        if item is None:
            return None
        try:
            text = self._vault.open(DRAFT, item["sealed_draft"], journey_id)
            draft = from_json(Draft, text)
        except Unsealable:
            draft = Draft()
        return from_item(Journey, {**item, "journey_id": journey_id, "draft": draft})

    def starting(self, journey: Journey) -> Write:
        """A new visit."""
        return Put("journeys", self._item(journey), when={"journey": None})

    def ending(self, journey: Journey, now: datetime) -> Write:
        """A visit is over, whatever its journey has come to meanwhile."""
        return Put("journeys", self._item(journey.ended(now)))

    def following(self, before: Journey, journey: Journey) -> Write:
        """What comes after a journey in its visit, if nobody changed that one since it was read."""
        seen = {"version": before.version, "number": before.number}
        return Put("journeys", self._item(journey), when=seen)

    def changing(self, journey: Journey) -> Write:
        """The journey as given, if nobody changed it since it was read at its version."""
        return self.following(journey, replace(journey, version=journey.version + 1))

    def touch(self, journey: Journey, now: datetime) -> None:
        """Winds up the idle clock; whoever changed the journey meanwhile has done so too."""
        with suppress(ConditionFailed):
            self._store.write(
                Change(
                    "journeys",
                    (_key(journey.journey_id),),
                    set={"seen_at": to_item(replace(journey, seen_at=now))["seen_at"]},
                    when={"version": journey.version, "number": journey.number},
                )
            )

    def leave_draft(self, journey: Journey, draft: Draft) -> None:
        """Keeps what a late POST brought; the journey stays expired."""
        with suppress(ConditionFailed):
            self._store.write(self.changing(replace(journey, draft=draft)))

    def spend_token(
        self, spent_id: str, answer_digest: str, verdict: str, now: datetime
    ) -> tuple[str, str]:
        """The first answer stands; returns its digest and verdict."""
        key = joined("captcha", spent_id)
        item: Item = {
            "journey": key,
            "answer_digest": answer_digest,
            "verdict": verdict,
            "expires_at_epoch": _epoch(now + LONGEST),
        }
        try:
            self._store.write(Put("journeys", item, when={"journey": None}))
        except ConditionFailed:
            first = self._store.get("journeys", (key,)) or item
            return first["answer_digest"], first["verdict"]
        return answer_digest, verdict

    def _item(self, journey: Journey) -> Item:
        item = to_item(replace(journey, draft=Draft()))
        del item["draft"], item["journey_id"]
        return {
            **item,
            "journey": _key(journey.journey_id),
            "sealed_draft": self._vault.seal(DRAFT, to_json(journey.draft), journey.journey_id),
            "expires_at_epoch": _epoch(journey.started_at + LONGEST + SWEPT_AFTER),
        }


def _key(journey_id: str) -> str:
    return joined("journey", journey_id)


def _epoch(at: datetime) -> int:
    return int(at.timestamp())
