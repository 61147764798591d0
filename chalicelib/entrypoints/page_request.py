"""One request of a member: its fields, its journey, and the order in which they are looked at.

Order on every POST (design.md 5): csrf 403; journey 303 to the first step missing; unknown or
doubled field 422; then the fields; then the rules.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from chalice import Response

from chalicelib.adapters.templating import LANGUAGES
from chalicelib.bootstrap import System
from chalicelib.domain.banking_days import local_day
from chalicelib.domain.identification import visible
from chalicelib.domain.journey import Journey, Step
from chalicelib.entrypoints.answers import Frame, Notice, see_other
from chalicelib.entrypoints.csrf import came_from, check_csrf, check_sender, csrf_of
from chalicelib.entrypoints.log import logger
from chalicelib.services.page.submission import ClientInfo

COOKIE = "__Host-journey"
MOST_FIELDS = 120
MOST_LATE_FIELDS = 40  # nobody has looked yet whether they are ours
LONGEST_READ = 400
LARGEST_FORM_BYTES = 1 << 16  # ours have two or three thousand
LONGEST_AGENT = 200
ALWAYS = frozenset({"csrf", "lang"})

_TOKEN = re.compile(rf"(?:^|;\s*){COOKIE}=([A-Za-z0-9_-]{{43}})(?=;|$)")


class Answered(Exception):
    """The answer is known before the view has anything to say."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class TooLarge(Exception):
    """The body is larger than any form of ours; nothing of it was read."""


class BadForm(Exception):
    """The body is no form of ours: an unknown or doubled field."""


@dataclass
class PageRequest:
    """A request, with the system that answers it and one `now` for all of it."""

    raw: Any  # as Chalice gives it
    system: System
    now: datetime

    @property
    def base(self) -> str:
        """The stage in the path, where there is one: /api."""
        context = self.raw.context
        stage = f"/{context.get('stage', '')}"
        path = str(context.get("path", ""))
        return stage if stage != "/" and path.startswith(f"{stage}/") else ""

    @cached_property
    def token(self) -> str:
        """The secret in the member's cookie; a new one when there is none."""
        return self._given_token or self.new_token()

    def new_token(self) -> str:
        """Another secret, that no browser has yet."""
        return self.system.randomness.token()

    @cached_property
    def _given_token(self) -> str | None:
        match = _TOKEN.search(self.raw.headers.get("cookie", ""))
        return match[1] if match else None

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
        """The language of this answer."""
        asked = self.given.get("lang") or (self.raw.query_params or {}).get("lang")
        if asked in LANGUAGES:
            return str(asked)
        return self.kept.language if self.kept else LANGUAGES[0]

    @property
    def client(self) -> ClientInfo:
        """Where the request came from: API Gateway's word, never a header's."""
        context = self.raw.context.get("identity") or {}
        return ClientInfo(
            source_address=str(context.get("sourceIp", "")),
            user_agent=self.raw.headers.get("user-agent", "")[:LONGEST_AGENT],
        )

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The posted fields in order, as typed; bytes that are no text show as �. TooLarge."""
        body = self.raw.raw_body or b""
        if len(body) > LARGEST_FORM_BYTES:
            raise TooLarge
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
        try:
            pairs = parse_qsl(
                text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace"
            )
        except ValueError:
            return []  # far too many fields: no form of ours, and so without a csrf
        # Megabytes would cost seconds further on; what is cut is still too long for any box.
        return [(name[:LONGEST_READ], typed[:LONGEST_READ]) for name, typed in pairs]

    @property
    def given(self) -> Mapping[str, str]:
        """The posted fields by name."""
        return dict(self.pairs) if self.raw.method == "POST" else {}

    def check_csrf(self) -> None:
        """Raises BadCsrf."""
        check_sender(self.raw.headers)
        check_csrf(self.system.vault, self._given_token, self.given.get("csrf", ""))

    def was_shown(self, journey: Journey) -> bool:
        """Whether this form came from a page that showed just this, and not from an older tab."""
        return came_from(self.system.vault, self.given.get("csrf", ""), journey.shown_text())

    def at_step(self, address: str, needs: Collection[Step]) -> Journey:
        """The live journey that has the steps before this one. Raises Answered (303) otherwise."""
        journey = self.journey
        if journey is None:
            self._leave_draft(address)
            raise Answered(see_other(self.base, "/find"))
        if journey.submitted_at:
            raise Answered(see_other(self.base, "/done"))
        missing = journey.first_missing()
        if missing and missing in needs:
            raise Answered(see_other(self.base, str(missing)))
        if journey.wants_touch(self.now):
            self.system.records.journeys.touch(journey, self.now)
            journey = replace(journey, seen_at=self.now)
        return journey

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

    def fields(self, allowed: Collection[str]) -> dict[str, str]:
        """The posted fields of this form, without what nobody sees (rule 54).

        Raises BadForm on an unknown or doubled one.
        """
        names = [name for name, _ in self.pairs]
        if len(set(names)) != len(names) or not set(names) <= set(allowed) | ALWAYS:
            raise BadForm
        if self.given.get("lang", LANGUAGES[0]) not in LANGUAGES:
            raise BadForm
        return {name: visible(text) for name, text in self.pairs if name not in ALWAYS}

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
        return Frame(
            base=self.base,
            lang=self.lang,
            csrf=csrf_of(self.system.vault, self.token, shown),
            help_phone=self.system.settings.help_phone,
            values=values or {},
            errors=errors or {},
            notices=notices,
        )

    def _leave_draft(self, address: str) -> None:
        """A late POST to an expired journey waits, sealed, for the next match (rule 16)."""
        if self.kept and 0 < len(self.given) <= MOST_LATE_FIELDS and not self.kept.submitted_at:
            draft = self.kept.draft.with_typed(address, self.given)
            self.system.records.journeys.leave_draft(self.kept, draft)


def journey_id_of(token: str) -> str:
    """The id of the journey whose secret this is."""
    return hashlib.sha256(token.encode()).hexdigest()


def with_cookie(response: Response, token: str) -> Response:
    """The answer that gives this browser its secret."""
    response.headers["Set-Cookie"] = f"{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax"
    return response
