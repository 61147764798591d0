"""The offline world is built from the same resources.yaml as the cloud."""

import boto3
import pytest

from infra.offline import resources, stack
from infra.offline.engine import Engine


@pytest.fixture(scope="module")
def built():
    with Engine():
        yield stack.build(public_url="http://127.0.0.1:8000")


def test_every_table_of_the_source_is_made_with_its_keys(built):
    client = boto3.client("dynamodb")
    for resource in resources.typed(built.document).values():
        if resource["Type"] != "AWS::DynamoDB::Table":
            continue
        name = resource["Properties"]["TableName"]["Fn::Sub"].replace("${Stage}", stack.STAGE)
        made = client.describe_table(TableName=name)["Table"]
        assert made["KeySchema"] == resource["Properties"]["KeySchema"]


def test_the_functions_are_told_real_names(built):
    told = built.environment
    boto3.client("s3").head_bucket(Bucket=told["BUCKET"])
    boto3.client("sqs").send_message(QueueUrl=told["MAIL_QUEUE_URL"], MessageBody="x")
    assert told["MAIL_FROM"] == "Massachusetts Health Connector <payments@example.org>"
    assert told["MAIL_CONFIGURATION_SET"] == "premium-pay-offline"
    assert told["PUBLIC_URL"] == "http://127.0.0.1:8000"
    assert all(isinstance(value, str) for value in told.values())


def test_the_index_key_makes_macs_and_the_seal_key_data_keys(built):
    client = boto3.client("kms")
    mac = client.generate_mac(
        KeyId=built.environment["INDEX_KEY_ID"], Message=b"x", MacAlgorithm="HMAC_SHA_256"
    )
    assert len(mac["Mac"]) == 32
    assert client.generate_data_key(KeyId=built.environment["SEAL_KEY_ID"], KeySpec="AES_256")


def test_the_bucket_keeps_versions_as_in_the_cloud(built):
    said = boto3.client("s3").get_bucket_versioning(Bucket=built.environment["BUCKET"])
    assert said["Status"] == "Enabled"


def test_a_queue_knows_its_dead_letter_queue(built):
    asked = boto3.client("sqs").get_queue_attributes(
        QueueUrl=built.environment["MAIL_QUEUE_URL"], AttributeNames=["RedrivePolicy"]
    )
    assert "mail-dead-letters" in asked["Attributes"]["RedrivePolicy"]


def test_mail_from_our_domain_may_be_sent(built):
    boto3.client("sesv2").send_email(
        FromEmailAddress=built.environment["MAIL_FROM"],
        Destination={"ToAddresses": ["member@example.com"]},
        Content={"Raw": {"Data": b"Subject: x\n\ny"}},
        ConfigurationSetName=built.environment["MAIL_CONFIGURATION_SET"],
    )


def test_a_resource_that_is_neither_made_nor_left_out_is_an_error():
    document = {"Resources": {"Odd": {"Type": "AWS::Odd::Thing"}}}
    with Engine(), pytest.raises(ValueError, match="AWS::Odd::Thing"):
        stack.build(document)


def test_what_a_stage_may_go_without_is_not_made():
    document = {"Resources": {"Odd": {"Type": "AWS::Odd::Thing", "Condition": "HasOdd"}}}
    document["Globals"] = {"Function": {"Environment": {"Variables": {}}}}
    with Engine():
        assert stack.build(document).logical == {}


def test_a_reference_to_nothing_is_an_error():
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Nobody"}}}
    with Engine(), pytest.raises(ValueError, match="Lonely"):
        stack.build({"Resources": {"Lonely": queue}})
