"""The control room: a web page for people, JSON for programs, beside the page (design.md 6)."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from chalicelib.domain.feed_file import ADJUSTMENTS, ENROLLMENTS, FeedForm
from infra.offline import clock
from infra.offline.bank_views import BankViews
from infra.offline.case_views import CaseViews
from infra.offline.clock import WentBack
from infra.offline.control_pages import render
from infra.offline.pump import Unsettled
from infra.offline.serving import HOST, QuickServer, QuietHandler, log
from infra.offline.staff_desk import StaffDesk
from infra.offline.views import NotThere, Said, Unreadable, Unusable, Views

if TYPE_CHECKING:
    from infra.offline.world import World

NOT_BUILT = "not built yet"


@dataclass(frozen=True, slots=True)
class Address:
    """One address: what it says, and the page that shows it to people."""

    pattern: str
    get: Callable[..., Said] | None = None
    post: Callable[[bytes, str], Said] | None = None
    page: str = "data.html"


Answer = tuple[int, Said, Address | None]


class NotBuilt(Exception):
    """501."""


class Room:
    """All addresses, and what they answer with."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.views = views = Views(world)
        bank, staff = BankViews(world), StaffDesk(world)
        self.cases = cases = CaseViews(world, views)
        self.addresses = (
            Address("/", self._overview, page="start.html"),
            Address("/clock", views.clock, self._move, "clock.html"),
            Address("/members", views.members, page="members.html"),
            Address("/feed", _columns(ENROLLMENTS), _body(views.feed), "feed.html"),
            Address("/adjustments", _columns(ADJUSTMENTS), _body(views.adjustments), "feed.html"),
            Address("/captcha/([^/]+)", views.captcha),
            Address("/mail", views.mail, page="mail.html"),
            Address("/ledger/([^/]+)", views.ledger, page="ledger.html"),
            Address("/mandates/([^/]+)", views.mandates, page="mandates.html"),
            Address("/runs", views.runs, page="runs.html"),
            Address("/cases", cases.cases, page="table.html"),
            Address("/cases/([^/]+)", cases.case, page="case.html"),
            Address("/staff", staff.view, staff.post, "staff.html"),
            Address("/bank/accounts", bank.bank_accounts, page="table.html"),
            Address("/bank/files", bank.bank_files, page="table.html"),
            Address("/bank/files/([^/]+)", bank.bank_file),
            Address("/bank/inbound", None, _body(bank.bank_inbound)),
            Address("/bank/statements", None, _body(bank.bank_statements)),
            Address("/reconciliation", bank.reconciliation),
        )

    def answer(self, method: str, path: str, body: bytes, content_type: str) -> Answer:
        """Status, data, and the address that gave it. All is quiet when this returns."""
        try:
            address, parts = self._find(path)
        except NotThere as missing:
            return _error(404, missing)
        if method not in _methods(address):
            return _error(405, f"{path} takes {' and '.join(_methods(address))}", address)
        try:
            self._world.pump.settle()
            said = (
                address.post(body, content_type) if method == "POST" and address.post
                else address.get(*parts)  # type: ignore[misc]
            )  # fmt: skip
            self._world.pump.settle()
        except tuple(STATUS) as refusal:
            return _error(STATUS[type(refusal)], str(refusal) or NOT_BUILT, address)
        return 200, said, address

    def _find(self, path: str) -> tuple[Address, list[str]]:
        for address in self.addresses:
            if found := re.fullmatch(address.pattern, path):
                return address, [unquote(part) for part in found.groups()]
        raise NotThere(f"there is nothing at {path}")

    def _overview(self) -> Said:
        members = self.views.members()
        return {
            **self.views.clock(),
            "page": self._world.page_url,
            "members": len(members),
            "try": members[:3],
            "mail": self.views.mail()[-5:],
            "cases": len(self.cases.cases()),
            "runs": self.views.runs()[-5:],
            "addresses": [a.pattern.replace("([^/]+)", "…") for a in self.addresses],
        }

    def _move(self, body: bytes, content_type: str) -> Said:
        to = _field(body, content_type, "to")
        try:
            wanted = clock.read(to)
        except (ValueError, OverflowError) as error:
            raise Unusable(
                f"to: {error if isinstance(error, clock.NoZone) else 'is not an ISO 8601 instant'}"
            ) from None
        return self.views.move(wanted)


STATUS: Mapping[type[Exception], int] = {
    Unreadable: HTTPStatus.BAD_REQUEST,
    NotThere: HTTPStatus.NOT_FOUND,
    WentBack: HTTPStatus.CONFLICT,
    Unusable: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotBuilt: HTTPStatus.NOT_IMPLEMENTED,
    Unsettled: HTTPStatus.SERVICE_UNAVAILABLE,
}


def _columns(form: FeedForm[Any]) -> Callable[[], Said]:
    return lambda: {"columns": form.columns}


def _body(post: Callable[[bytes], Said]) -> Callable[[bytes, str], Said]:
    """What takes a body as it is."""
    return lambda body, _content_type: post(body)


def _methods(address: Address) -> list[str]:
    return ["GET"] * bool(address.get) + ["POST"] * bool(address.post)


def _not_built(*_: Any) -> Said:
    raise NotBuilt(NOT_BUILT)


def _error(status: int, why: object, address: Address | None = None) -> Answer:
    return status, {"error": str(why)}, address


def _field(body: bytes, content_type: str, name: str) -> str:
    """One text of a JSON object, or of a form."""
    try:
        # Many clients call any body a form when they are not told otherwise.
        if "form" in content_type and not body.lstrip().startswith(b"{"):
            return parse_qs(body.decode())[name][0]
        asked = json.loads(body)
    except (ValueError, KeyError):
        raise Unreadable(f'send JSON like {{"{name}": "2026-12-22T15:00:00Z"}}') from None
    if not isinstance(asked, dict) or not isinstance(asked.get(name), str):
        raise Unusable(f'send JSON like {{"{name}": "2026-12-22T15:00:00Z"}}')
    return str(asked[name])


class RoomHandler(QuietHandler):
    """One connection to the control room."""

    most_body_bytes = 512 * 1024 * 1024  # feeds are large
    room: Room

    def do_GET(self) -> None:  # noqa: N802 - as inherited
        """People get a page, programs JSON."""
        path = urlsplit(self.path).path
        wants_json = path.endswith(".json") or "application/json" in self.headers.get("accept", "")
        self._answer("GET", path.removesuffix(".json"), b"", wants_json)

    do_HEAD = do_GET  # noqa: N815 - as inherited

    def do_POST(self) -> None:  # noqa: N802 - as inherited
        """Always JSON. Another site's page, open in the same browser, may not act here."""
        origin = self.headers.get("origin")
        foreign = origin and urlsplit(origin).netloc != self.headers.get("host")
        if fault := (403, f"{origin} may not act here") if foreign else self.body_fault():
            self.close_connection = True
            self._send(fault[0], "application/json", json.dumps({"error": fault[1]}))
            return
        path = urlsplit(self.path).path.removesuffix(".json")
        self._answer("POST", path, self.read_body(), wants_json=True)

    def _answer(self, method: str, path: str, body: bytes, wants_json: bool) -> None:
        try:
            content_type = self.headers.get("content-type", "")
            status, said, address = self.room.answer(method, path or "/", body, content_type)
        except Exception as error:  # noqa: BLE001 - whoever asks is told, and the room stays open
            log.exception("the control room stumbled")
            status, said, address = 500, {"error": f"{type(error).__name__}: {error}"}, None
        if isinstance(said, bytes):
            self._send(status, "text/plain; charset=us-ascii", said.decode("ascii"))
        elif wants_json:
            self._send(status, "application/json", json.dumps(said, ensure_ascii=False, indent=1))
        else:
            page = address.page if address and status == HTTPStatus.OK else "error.html"
            html = render(page, path=path, said=said, status=HTTPStatus(status))
            self._send(status, "text/html; charset=utf-8", html)

    def _send(self, status: int, content_type: str, text: str) -> None:
        raw = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)


def bind(port: int) -> QuickServer:
    """The room's place, still empty. Raises OSError when the port is taken."""
    return QuickServer((HOST, port), RoomHandler)


def furnish(server: QuickServer, world: "World") -> None:
    """Let it show this world."""
    server.RequestHandlerClass = type("ThisRoomHandler", (RoomHandler,), {"room": Room(world)})
