"""What comes back on the wire where moto is not asked."""

import json
from collections.abc import Mapping

from botocore.awsrequest import AWSResponse
from moto.core.botocore_stubber import MockRawResponse

from infra.offline import quick_answers

OK = 200


def of(url: str, status: int, headers: Mapping[str, str], body: bytes) -> AWSResponse:
    """As botocore reads it."""
    return AWSResponse(url, status, headers, MockRawResponse(body))  # type: ignore[arg-type]


def of_dynamodb(url: str, said: quick_answers.Asked) -> AWSResponse:
    """DynamoDB said this."""
    headers = {"content-type": "application/x-amz-json-1.0"}
    return of(url, OK, headers, quick_answers.written(said))


def denied(service: str, why: str) -> tuple[Mapping[str, str], bytes]:
    """AWS's own words for a right that is not there."""
    if service == "s3":
        xml = f"<Error><Code>AccessDenied</Code><Message>{why}</Message></Error>"
        return {"content-type": "application/xml"}, xml.encode()
    said = {"__type": "AccessDeniedException", "message": why}
    return {"content-type": "application/x-amz-json-1.0"}, json.dumps(said).encode()
