"""What came over HTTP: where it came from, and the fields of a form; hostile until read here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from chalicelib.adapters.catalogues import languages
from chalicelib.domain.identification import visible
from chalicelib.services.page.submission import ClientInfo

MOST_FIELDS = 120
LONGEST_READ = 400
LARGEST_FORM_BYTES = 1 << 16  # ours have two or three thousand
LONGEST_AGENT = 200
ALWAYS = frozenset({"csrf", "lang"})


class TooLarge(Exception):
    """The body is larger than any form of ours; nothing of it was read."""


class BadForm(Exception):
    """The body is no form of ours: an unknown or doubled field."""


@dataclass
class HttpRequest:
    """A request as Chalice gives it."""

    raw: Any

    @property
    def base(self) -> str:
        """The stage in the path, where there is one: /api."""
        context = self.raw.context
        stage = f"/{context.get('stage', '')}"
        path = str(context.get("path", ""))
        return stage if stage != "/" and path.startswith(f"{stage}/") else ""

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

    @property
    def changes_language(self) -> bool:
        """Whether a language's button was pressed: it sends a `lang` behind the page's own."""
        if self.raw.method != "POST":
            return False
        said = [text for name, text in self.pairs if name == "lang"]
        return len(said) == 2 and said[0] != said[1]  # noqa: PLR2004

    def fields(self, allowed: Collection[str]) -> dict[str, str]:
        """The posted fields of this form, without what nobody sees (rule 54).

        Raises BadForm on an unknown or doubled one.
        """
        names = [name for name, _ in self.pairs]
        if self.changes_language:
            names.remove("lang")
        if len(set(names)) != len(names) or not set(names) <= set(allowed) | ALWAYS:
            raise BadForm
        if not {text for name, text in self.pairs if name == "lang"} <= set(languages()):
            raise BadForm
        return {name: visible(text) for name, text in self.pairs if name not in ALWAYS}
