"""API Gateway by hand: events as it sends them, answers as it would write them."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from infra.offline.events import LambdaContext
from infra.offline.world import World
from tests.member import Answer

Fields = Mapping[str, str] | Sequence[tuple[str, str]] | bytes
FORM = "application/x-www-form-urlencoded"


@dataclass
class Gateway:
    """A browser and the gateway before the app; `stage` is in the path, as without a domain."""

    world: World
    stage: str = ""
    source_ip: str = "203.0.113.7"
    request_id: str = "a-request"
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def get(self, address: str, **headers: str) -> Answer:
        """Looks at a page."""
        return self.call("GET", address, None, headers)

    def post(self, address: str, fields: Fields, **headers: str) -> Answer:
        """Sends a form; the csrf of the last page is added where there is none."""
        if isinstance(fields, Mapping):
            fields = {"csrf": self.csrf, "lang": "en", **fields}
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        return self.call("POST", address, body, {"Content-Type": FORM, **headers})

    def call(
        self, method: str, address: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """One invocation of the function."""
        answer = self.world.app.app(
            self.event(method, address, body, headers), LambdaContext("api")
        )
        json.dumps(answer)  # Lambda sends nothing else
        return self._read(answer)

    def event(
        self, method: str, address: str, body: bytes | None, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """A REST API's proxy event; with `*/*` binary, a body comes in base64."""
        path, _, query = address.partition("?")
        params = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
        audio = re.fullmatch(r"/captcha/([^/]+)/audio", path)
        static = re.fullmatch(r"/static/([^/]+)", path)
        found = audio or static
        resource = path if not found else path.replace(found[1], "{token}" if audio else "{name}")
        given = {"Accept": "text/html,*/*;q=0.8", "Host": "example.org", **headers}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        return {
            "resource": resource,
            "path": path,
            "httpMethod": method,
            "headers": given,
            "multiValueHeaders": {name: [text] for name, text in given.items()},
            "queryStringParameters": params or None,
            "multiValueQueryStringParameters": {n: [t] for n, t in params.items()} or None,
            "pathParameters": {"token" if audio else "name": found[1]} if found else None,
            "stageVariables": None,
            "requestContext": {
                "requestId": self.request_id,
                "resourcePath": resource,
                "httpMethod": method,
                "path": f"/{self.stage}{path}" if self.stage else path,
                "stage": self.stage or "prod",
                "identity": {"sourceIp": self.source_ip},
            },
            "body": None if body is None else base64.b64encode(body).decode(),
            "isBase64Encoded": body is not None,
        }

    def _read(self, answer: dict[str, Any]) -> Answer:
        several = answer.get("multiValueHeaders") or {}
        headers = {**(answer.get("headers") or {}), **{n: t[-1] for n, t in several.items()}}
        assert answer["isBase64Encoded"], "every type is binary"
        html = base64.b64decode(answer["body"]).decode("utf-8", "replace")
        for cookie in several.get("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        csrf = re.search(r'name="csrf"[^>]*value="([^"]+)"', html)
        self.csrf = csrf[1] if csrf else self.csrf
        return Answer(answer["statusCode"], headers.get("Location", ""), html, headers)
