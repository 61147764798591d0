"""Spares each call what nobody offline looks at: a signature, the client's name, a queue's sums.

They are made anew for every request, or message, and cost as much as all else that moto does.
What botocore reads from its files to make a client is read once in a process.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from typing import Any
from unittest.mock import patch

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.loaders import JSONFileLoader, Loader, create_loader
from botocore.model import OperationModel
from botocore.regions import EndpointRulesetResolver
from botocore.useragent import UserAgentString
from moto.core import responses
from moto.core.utils import method_names_from_class
from moto.kms import models as kms
from moto.sqs import models as sqs
from moto.sqs.models import Message, Queue, SQSBackend

Sign = Callable[[SigV4Auth, Any], None]
READ = staticmethod(cache(JSONFileLoader().load_file))
SERVICES = staticmethod(cache(create_loader().list_available_services))


def patches() -> Iterator[AbstractContextManager[object]]:
    """What to patch while the engine runs."""
    yield patch.object(UserAgentString, "to_string", lambda _: "offline")
    yield patch.object(JSONFileLoader, "load_file", READ)
    yield patch.object(Loader, "list_available_services", SERVICES)
    yield patch.object(SigV4Auth, "add_auth", _signed(SigV4Auth.add_auth))
    whole = EndpointRulesetResolver.construct_endpoint
    yield patch.object(EndpointRulesetResolver, "construct_endpoint", _resolved(whole))
    # A key that encrypts or makes codes gets one of RSA beside it, to sign with.
    yield patch.object(kms, "generate_private_key", lambda _: None)
    # moto looks through the class of a service for each request.
    yield patch.object(responses, "method_names_from_class", cache(method_names_from_class))
    # For each message it asks all attributes of its queue, and each of them looks at all messages.
    # moto's time is the real one, in which no message of ours comes to be four days old.
    valid = "is_message_valid_based_on_retention_period"
    yield patch.object(SQSBackend, valid, lambda *_: True)
    yield patch.object(SQSBackend, "send_message", _sent(SQSBackend.send_message))
    # It asks two dates what time it is, twice for each message that waits.
    yield patch.object(sqs, "unix_time_millis", lambda: time.time_ns() / 1e6)


def _resolved(whole: Callable[..., Any]) -> Callable[..., Any]:
    """Where DynamoDB answers is the same for every call of a client's."""

    def construct_endpoint(resolver: Any, *, operation_model: OperationModel, **about: Any) -> Any:
        if operation_model.service_model.service_name != "dynamodb":
            return whole(resolver, operation_model=operation_model, **about)
        known = resolver.__dict__
        if "here" not in known:
            known["here"] = whole(resolver, operation_model=operation_model, **about)
        return known["here"]

    return construct_endpoint


def _sent(whole: Callable[..., Message]) -> Callable[..., Message]:
    """Of the attributes it asks only whether contents are told apart, as in no queue of ours."""

    def send_message(backend: SQSBackend, *given: Any, **named: Any) -> Message:
        with patch.object(Queue, "attributes", {}):
            return whole(backend, *given, **named)

    return send_message


def _signed(sign: Sign) -> Sign:
    def signed(auth: Any, request: Any) -> None:
        """Moto reads who asks, and where, from the scope of the signature; not what is signed."""
        if isinstance(auth, S3SigV4Auth):
            sign(auth, request)
            return
        scope = f"20000101/{auth._region_name}/{auth._service_name}/aws4_request"  # noqa: SLF001
        request.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={auth.credentials.access_key}/{scope}, "
            "SignedHeaders=host, Signature=0"
        )

    return signed
