"""What the gateway answers by itself is as well guarded as our pages, and its log says no more."""

import base64
import hashlib
import json
import re

import pytest

from chalicelib.entrypoints.answers import HEADERS
from infra.offline.resources import load

DOCUMENT = load()
GATEWAY = DOCUMENT["Resources"]["RestAPI"]["Properties"]
ANSWERS = GATEWAY["GatewayResponses"]
POLICY = "Content-Security-Policy"


def headers(answer):
    """As a browser sees them: the gateway wants a fixed value in quotes of its own."""
    said = ANSWERS[answer]["ResponseParameters"]["Headers"]
    assert all(value[0] == value[-1] == "'" for value in said.values())
    return {name: value[1:-1] for name, value in said.items()}


def test_every_kind_of_answer_is_ours():
    assert ANSWERS.keys() == {"MISSING_AUTHENTICATION_TOKEN", "DEFAULT_4XX", "DEFAULT_5XX"}


@pytest.mark.parametrize("answer", sorted(ANSWERS))
def test_an_answer_of_the_gateway_has_the_headers_of_a_page(answer):
    pages = {name: value for name, value in HEADERS.items() if name != POLICY}
    assert {name: v for name, v in headers(answer).items() if name != POLICY} == pages


@pytest.mark.parametrize("answer", sorted(ANSWERS))
def test_it_may_load_nothing_and_use_its_own_style_only(answer):
    (body,) = ANSWERS[answer]["ResponseTemplates"].values()
    (style,) = re.findall(r"<style>(.*)</style>", body)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert headers(answer)[POLICY] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'none'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    assert not re.search(r"<script|style=|src=|<form", body)


def test_the_access_log_never_says_what_was_typed():
    said = json.loads(GATEWAY["AccessLogSetting"]["Format"])
    assert said == {
        "request_id": "$context.requestId",
        "method": "$context.httpMethod",
        "route": "$context.resourcePath",
        "status": "$context.status",
        "latency_ms": "$context.responseLatency",
        "ip": "$context.identity.sourceIp",
    }


def test_a_flood_is_turned_away_before_it_costs():
    (settings,) = GATEWAY["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert settings["ThrottlingRateLimit"] == {"Ref": "GatewayRate"}
    assert settings["ThrottlingBurstLimit"] == {"Ref": "GatewayBurst"}
    assert settings["DataTraceEnabled"] is False


def test_all_functions_write_into_one_log_that_ends():
    assert DOCUMENT["Globals"]["Function"]["LoggingConfig"] == {"LogGroup": {"Ref": "Logs"}}
    for name in ("Logs", "AccessLogs"):
        properties = DOCUMENT["Resources"][name]["Properties"]
        assert properties == {"RetentionInDays": {"Ref": "LogRetentionDays"}}
