"""What lies in the bucket goes only when somebody has read it: no clock of AWS's deletes a file."""

from infra.offline.resources import load, typed

BUCKETS = [r for r in typed(load()).values() if r["Type"] == "AWS::S3::Bucket"]
# What ends an upload that was never completed ends no file.
HARMLESS = {"Id", "Status", "AbortIncompleteMultipartUpload"}


def test_issue_11_nothing_that_lies_in_a_bucket_expires():
    """A feed whose event was lost was deleted after seven days, and nobody had seen it."""
    assert len(BUCKETS) == 2
    for bucket in BUCKETS:
        rules = bucket["Properties"].get("LifecycleConfiguration", {}).get("Rules", [])
        for rule in rules:
            assert rule.keys() <= HARMLESS, rule["Id"]


def test_what_is_put_or_deleted_leaves_its_trace():
    """Whether a file ever left is read from all versions of its place (decision 0030)."""
    for bucket in BUCKETS:
        assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
