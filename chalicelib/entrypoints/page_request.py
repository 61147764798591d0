"""One request of a member: its fields, its journey, and the order in which they are looked at.

Order on every POST (design.md 5): csrf 403; journey 303 to the first step missing; unknown or
doubled field 422; then the fields; then the rules.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from chalice import Response

from chalicelib.adapters.catalogues import ENGLISH, languages
from chalicelib.bootstrap import System
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.draft import Step
from chalicelib.domain.journey import MOST_EARLIER, Journey
from chalicelib.entrypoints.answers import Frame, Notice, say, see_other
from chalicelib.entrypoints.cookies import language_in, visit_in, with_language
from chalicelib.entrypoints.csrf import (
    NO_JOURNEY,
    BadCsrf,
    CameFrom,
    came_from,
    check_sender,
    csrf_of,
    shows_this,
)
from chalicelib.entrypoints.http_request import HttpRequest
from chalicelib.entrypoints.log import logger

STAYS = ("enrollment_id", "says")  # in an address when its page is asked for in another language
MOST_LATE_FIELDS = 40  # nobody has looked yet whether they are ours
SAYS = {
    "another_visit": ("warning", ("/",)),
    "another_journey": ("warning", tuple(Step)),
    "too_early": ("warning", (Step.CONTACT, Step.BILLING)),
    "no_plan": ("warning", ("/plans",)),
    "visit_ended": ("info", ("/",)),
    "wrong_birthdays": ("info", ("/",)),
    "finished": ("success", ("/",)),
    "changed": ("success", ("/recurring",)),
}
"""What an address can make a page say, in which kind of box, and where: nothing that could mislead,
for anyone can make such an address."""


class Answered(Exception):
    """The answer is known before the view has anything to say."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass
class PageRequest(HttpRequest):
    """A request, with the system that answers it and one `now` for all of it."""

    system: System
    now: datetime
    _step_of: Journey | None = None  # whose step this page is

    @cached_property
    def token(self) -> str:
        """The secret in the member's cookie; a new one when there is none."""
        return self._given_token or self.new_token()

    def new_token(self) -> str:
        """Another secret, that no browser has yet."""
        return self.system.randomness.token()

    @cached_property
    def _given_token(self) -> str | None:
        return visit_in(self.raw.headers)

    @property
    def has_token(self) -> bool:
        """Whether the browser has a secret already."""
        return self._given_token is not None

    @property
    def journey_id(self) -> str:
        """Under which this browser's journey is kept: never the secret itself."""
        return journey_id_of(self.token)

    @cached_property
    def kept(self) -> Journey | None:
        """The journey of this browser, live or not; from here on the log says which."""
        kept = self.system.records.journeys.get(self.journey_id) if self._given_token else None
        if kept:
            logger.append_keys(journey=kept.journey_id, confirmation=kept.confirmation)
        return kept

    @property
    def journey(self) -> Journey | None:
        """The journey of this browser, while it lives."""
        return self.kept if self.kept and self.kept.is_live(self.now) else None

    @property
    def lang(self) -> str:
        """The language of this answer: asked for now, chosen before, the visit's, English."""
        asked = self.given.get("lang") or self._query.get("lang")
        if asked in languages():
            return str(asked)
        return language_in(self.raw.headers) or (self.kept.language if self.kept else ENGLISH)

    @property
    def _query(self) -> Mapping[str, str]:
        return self.raw.query_params or {}

    def remembering(self, response: Response) -> Response:
        """The answer; a language that was chosen by this request is chosen from now on."""
        is_asked = self.raw.method != "POST" and self._query.get("lang") in languages()
        is_chosen = is_asked or self.changes_language
        return with_language(response, self.lang) if is_chosen else response

    @cached_property
    def came_from(self) -> CameFrom:
        """Which page of ours this form came from. Raises BadCsrf."""
        check_sender(self.raw.headers)
        return came_from(self.system.vault, self.given.get("csrf", ""))

    def check_csrf(self) -> None:
        """Raises BadCsrf; Answered (303) for a page of a visit of this browser that is over."""
        came = self.came_from
        if not self._given_token:
            raise BadCsrf
        if came.is_of(self.journey_id):
            if came.number != NO_JOURNEY and self.kept and self.kept.ended_at:
                raise Answered(see_other(self.base, "/", says="visit_ended"))
        elif any(came.is_of(each) for each in self.earlier):
            raise Answered(see_other(self.base, "/", says="another_visit"))
        else:
            raise BadCsrf

    @property
    def earlier(self) -> tuple[str, ...]:
        """The visits of this browser before its present one."""
        return self.kept.earlier if self.kept else ()

    @property
    def so_far(self) -> tuple[str, ...]:
        """The visits of this browser, newest first; what a new one will call earlier."""
        here = (self.journey_id,) if self._given_token else ()
        return (*here, *self.earlier)[:MOST_EARLIER]

    def was_shown(self, journey: Journey) -> bool:
        """Whether this form came from a page that showed just this, and not from an older tab."""
        return shows_this(self.system.vault, self.given.get("csrf", ""), journey.shown_text())

    def at_step(self, address: str, needs: Collection[Step]) -> Journey:
        """The live journey that has the steps before this one. Raises Answered (303) otherwise."""
        journey = self.journey
        if journey is None:
            self._leave_draft(address)
            raise Answered(see_other(self.base, "/find"))
        number = self._came_number(journey)
        if number in journey.all_receipts:
            raise Answered(see_other(self.base, "/done"))
        if number != journey.number:
            raise Answered(see_other(self.base, journey.place, says="another_journey"))
        missing = journey.first_missing()
        if missing and missing in needs:
            raise Answered(see_other(self.base, str(missing), says="too_early"))
        if journey.wants_touch(self.now):
            self.system.records.journeys.touch(journey, self.now)
            journey = replace(journey, seen_at=self.now)
        if self.raw.method != "POST":  # what is shown now is what may be agreed to
            journey = replace(journey, language=self.lang)
        self._step_of = journey
        return journey

    def _came_number(self, journey: Journey) -> int:
        """Of the journey whose step this form came from; a page is one of the open journey's."""
        number = self.came_from.number if self.raw.method == "POST" else NO_JOURNEY
        return journey.number if number == NO_JOURNEY else number

    @property
    def due_on(self) -> date:
        """By when to pay (rules 6, 13)."""
        return self.system.settings.due.next_on(local_day(self.now))

    def found(self, address: str) -> Journey:
        """A live journey, from step 2 on. Raises Answered (303) without one.

        These pages work after Submit as well, until the journey expires.
        """
        journey = self.journey
        if journey is None:
            raise Answered(see_other(self.base, f"/find?to={address.removeprefix('/')}"))
        if journey.wants_touch(self.now):
            self.system.records.journeys.touch(journey, self.now)
            self.kept = journey = replace(journey, seen_at=self.now)
        return journey

    def frame(
        self,
        *,
        values: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        notices: tuple[Notice, ...] = (),
        showing: Journey | None = None,
    ) -> Frame:
        """What every page of this visit is given; review says what it is `showing`."""
        shown = showing.shown_text() if showing else None
        number = self._step_of.number if self._step_of else NO_JOURNEY
        return Frame(
            base=self.base,
            lang=self.lang,
            csrf=csrf_of(self.system.vault, self.journey_id, number, shown),
            help_phone=self.system.settings.help_phone,
            values=values or {},
            errors=errors or {},
            notices=(*self._says(), *notices),
            is_visit=self.journey is not None,
            query={name: self._query[name] for name in STAYS if name in self._query},
        )

    def _says(self) -> tuple[Notice, ...]:
        """What the answer before this one has to say (rules 55, 56)."""
        code = str(self._query.get("says", ""))
        kind, where = SAYS.get(code, ("", ()))
        is_here = self.raw.context.get("resourcePath") in where
        is_true = code != "finished" or self.journey is None
        return (Notice(kind, say(self.lang, f"says_{code}")),) if is_here and is_true else ()

    def _leave_draft(self, address: str) -> None:
        """A late POST to an expired journey waits, sealed, for the next match (rule 16)."""
        kept = self.kept if self.kept and not self.kept.submitted_at else None
        if kept and not kept.ended_at and 0 < len(self.given) <= MOST_LATE_FIELDS:
            draft = kept.draft.with_typed(address, self.given)
            self.system.records.journeys.leave_draft(kept, draft)


def journey_id_of(token: str) -> str:
    """The id of the journey whose secret this is."""
    return hashlib.sha256(token.encode()).hexdigest()
