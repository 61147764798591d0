"""Which rights a call needs: what we say of a port is what goes over the wire."""

import pytest

from chalicelib.domain.identification import Ssn
from chalicelib.store import Change, Check, Put, Remove
from infra.rights.calls import of_read, of_wire, of_write
from infra.rights.right import Right
from tests.builders import a_mail

KEY, ITEM = ("c", "e"), {"collection": "c", "entry": "e"}


@pytest.fixture
def needed(aws):
    """What the calls since then needed."""

    def needed(act):
        aws.engine.reset_calls()
        act()
        return {
            right
            for call in aws.engine.calls
            for right in of_wire(
                call.service, call.operation, call.url, call.body, aws.stack.logical
            )
        }

    return needed


@pytest.mark.parametrize(
    ("act", "action"),
    [
        (lambda store: store.get("entries", KEY), "GetItem"),
        (lambda store: store.get_many("entries", [KEY]), "BatchGetItem"),
        (lambda store: list(store.query("entries", "c")), "Query"),
    ],
)
def test_a_read_of_the_store(aws, needed, act, action):
    assert needed(lambda: act(aws.store)) == {of_read(action, "entries")}


WRITES = [
    Put("entries", ITEM),
    Change("entries", KEY, set={"a": 1}),
    Remove("entries", KEY),
    Check("entries", KEY, when={"entry": None}),
]


@pytest.mark.parametrize("write", WRITES, ids=lambda write: type(write).__name__)
@pytest.mark.parametrize(
    "beside", [[], [Put("runs", {"run_id": "r", "part": "p"})]], ids=["", "two"]
)
def test_a_write_of_the_store_alone_and_in_a_transaction(aws, needed, write, beside):
    wanted = {of_write(each) for each in (write, *beside)}
    assert needed(lambda: aws.store.write(write, *beside)) == wanted
    assert len(wanted) == 1 + len(beside)


def rights(*texts):
    return {Right(*text.split()) for text in texts}


def test_files_and_what_lies_where(aws, needed):
    files = aws.files
    key = "inbound/bank/a b.ach"
    assert needed(lambda: files.put(key, b"x", "text/plain")) == rights(
        "s3:PutObject Bucket/inbound/bank/"
    )
    [version] = aws.s3.list_object_versions(Bucket=files._bucket, Prefix=key)["Versions"]
    read = needed(lambda: list(files.lines(key, version["VersionId"])))
    assert read == rights("s3:GetObjectVersion Bucket/inbound/bank/")
    assert needed(lambda: list(files.lying("inbound/"))) == rights("s3:ListBucketVersions Bucket")
    erased = needed(lambda: files.erase(key, version["VersionId"]))
    assert erased == rights("s3:DeleteObjectVersion Bucket/inbound/bank/")


def test_what_lies_where_we_never_put_anything_is_named_whole(aws, needed):
    stray = needed(lambda: aws.files.put("elsewhere/x", b"x", "text/plain"))
    assert stray == rights("s3:PutObject Bucket/elsewhere/x")


def test_keys_by_what_they_are_for(aws, needed):
    aws.key_maker.make_missing()
    sealed = aws.vault().seal("draft", "x", "y")
    assert needed(lambda: aws.vault().open("draft", sealed, "y")) == rights(
        "dynamodb:GetItem KeysTable", "kms:Decrypt SealKey?draft"
    )
    assert needed(lambda: aws.vault().seal("account", "1", "y")) == rights(
        "dynamodb:Query KeysTable"
    )
    assert needed(lambda: aws.vault().ssn_index(Ssn("123456789"))) == rights(
        "kms:GenerateMac IndexKey"
    )


def test_messages_and_mail(aws, needed):
    url = aws.environment["MAIL_QUEUE_URL"]
    sent = needed(
        lambda: aws.sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "x"}])
    )
    assert sent == rights("sqs:SendMessage MailQueue")
    raw = {"Raw": {"Data": b"Subject: x\n\ny"}}
    mailed = needed(
        lambda: aws.ses.send_email(
            FromEmailAddress=aws.environment["MAIL_FROM"],
            Destination={"ToAddresses": [a_mail().to]},
            Content=raw,
        )
    )
    assert mailed == rights(
        *(f"ses:{verb} {on}" for verb in ("SendEmail", "SendRawEmail") for on in MAIL)
    )


MAIL = ("MailIdentity", "MailEvents")
