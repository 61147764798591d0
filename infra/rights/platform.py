"""What AWS does in a function's name, so that no call of ours shows it: each with its reason."""

from collections.abc import Iterable, Iterator

from chalice.app import Chalice, CloudWatchEventConfig, SQSEventConfig

from infra.rights.right import Right

READS_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
EVENTS = "EventDeadLetters"  # it is encrypted by SQS itself: Scheduler knows nothing of our key
PAGE = "api_handler"  # Chalice's own name for the function behind the page


def functions(app: Chalice) -> list[str]:
    """Every function on the map."""
    return sorted([PAGE, *_queues(app), *_events(app), *_jobs(app)])


def implied(app: Chalice, function: str, rights: Iterable[Right]) -> Iterator[Right]:
    """What a function that does this needs besides."""
    done = set(rights)
    # Lambda writes a function's log as the function.
    yield Right("logs:CreateLogStream", "Logs")
    yield Right("logs:PutLogEvents", "Logs")
    # Lambda fetches messages, and puts away events that failed, as the function.
    if queue := _queues(app).get(function):
        done |= (fetching := {Right(action, queue) for action in READS_QUEUE})
        yield from fetching
    elif function != PAGE:
        yield Right("sqs:SendMessage", EVENTS)
    yield from _by_way_of(done)
    for right in done:
        if right.action in ("s3:GetObject", "s3:GetObjectVersion"):
            # Without it, S3 says "forbidden" of what is not there.
            yield Right("s3:ListBucket", right.resource.split("/")[0])
        if right.action == "s3:PutObject" and right.resource.endswith(("bank/", "reports/")):
            # A large file goes in parts; who comes second takes its parts away.
            yield Right("s3:AbortMultipartUpload", right.resource)


def _by_way_of(done: set[Right]) -> Iterator[Right]:
    """Tables, queues and buckets open their key as who asks them."""
    for right in done:
        service, _, action = right.action.partition(":")
        match service:
            case "dynamodb":
                yield Right("kms:Decrypt", "StorageKey@dynamodb")
            case "sqs" if right.resource != EVENTS:
                yield Right("kms:Decrypt", "StorageKey@sqs")
                if action == "SendMessage":
                    yield Right("kms:GenerateDataKey", "StorageKey@sqs")
            case "s3" if action.startswith(("Get", "Put")):
                yield Right("kms:Decrypt", "StorageKey@s3")  # a later part reads the upload's key
                if action == "PutObject":
                    yield Right("kms:GenerateDataKey", "StorageKey@s3")


def _queues(app: Chalice) -> dict[str, str]:
    """Function -> the logical name of the queue that wakes it."""
    return {
        source.name: str(source.queue).strip("${}").split(".")[0]
        for source in app.event_sources
        if isinstance(source, SQSEventConfig)
    }


def _events(app: Chalice) -> list[str]:
    return [s.name for s in app.event_sources if isinstance(s, CloudWatchEventConfig)]


def _jobs(app: Chalice) -> list[str]:
    return [function.name for function in app.pure_lambda_functions]
