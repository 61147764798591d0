"""Objects of the bucket: read as lines, in flat memory, and erased in all versions."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters import files as module
from chalicelib.ports import Gone, Lying
from tests.fakes import MemoryFiles

KEY = "inbound/enrollments/a.csv"


@pytest.fixture
def files(aws):
    return aws.files


@pytest.fixture
def drop(aws):
    """Puts an object as the exchange does; returns its version."""

    def drop(body, key=KEY):
        bucket = aws.environment["BUCKET"]
        return aws.s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]

    return drop


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(module, "CHUNK_BYTES", 7)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"", []),
        (b"a", [b"a"]),
        (b"a\n", [b"a\n"]),
        (b"abcdef\nb\n", [b"abcdef\n", b"b\n"]),  # the line end is the chunk's last byte
        (b"abcdefg\nb", [b"abcdefg\n", b"b"]),  # and the next one's first
        (b"abcdef\r\nb\r\n", [b"abcdef\r\n", b"b\r\n"]),  # CR and LF in two chunks
        (b"\n\n\n", [b"\n"] * 3),
        (b"a" * 40 + b"\n", [b"a" * 40 + b"\n"]),
        ("é\n".encode() * 9, ["é\n".encode()] * 9),  # a letter in two chunks
    ],
)
def test_lines_are_whole_wherever_the_chunks_end(files, drop, body, lines):
    assert list(files.lines(KEY, drop(body))) == lines


pieces = st.lists(st.sampled_from([b"a", b"bcd", b"\n", b"\r\n", b"efghijk"]), max_size=30)


@given(body=pieces.map(b"".join))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@pytest.mark.usefixtures("small_chunks")
def test_lines_are_just_the_lines_of_the_object(files, drop, body):
    assert list(files.lines(KEY, drop(body))) == body.splitlines(keepends=True)


@pytest.mark.usefixtures("small_chunks")
def test_a_part_of_an_object_is_read_by_its_bytes(files, drop):
    body = b"header\nfirst\r\nsecond\nthird"
    version = drop(body)
    start, end = body.index(b"first"), body.index(b"third")
    assert list(files.lines(KEY, version, start, end)) == [b"first\r\n", b"second\n"]
    assert list(files.lines(KEY, version, end)) == [b"third"]
    assert list(files.lines(KEY, version, 0, start)) == [b"header\n"]


def test_parts_next_to_each_other_read_every_line_once(files, drop):
    body = b"".join(b"line %d\n" % n for n in range(50))
    version, ends = drop(body), [0, 70, 150, 230, len(body)]
    ends = [body.rfind(b"\n", 0, end) + 1 for end in ends]
    parts = [files.lines(KEY, version, *span) for span in pairwise(ends)]
    assert b"".join(line for part in parts for line in part) == body


def test_an_endless_line_comes_in_pieces(files, drop, monkeypatch):
    monkeypatch.setattr(module, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(module, "LONGEST_LINE_BYTES", 5000)
    found = list(files.lines(KEY, drop(b"x" * 20_000)))
    assert b"".join(found) == b"x" * 20_000
    assert max(len(line) for line in found) <= 6000


def test_a_version_is_read_even_when_a_newer_one_lies_above_it(files, drop):
    old, new = drop(b"old\n"), drop(b"new\n")
    assert list(files.lines(KEY, old)) == [b"old\n"]
    assert list(files.lines(KEY, new)) == [b"new\n"]
    assert list(files.lines(KEY, "")) == [b"new\n"]


def test_rule_33_erasing_leaves_nothing_of_a_version_and_no_marker(aws, files, drop):
    one, two = drop(b"one"), drop(b"two")
    other = drop(b"not this one", KEY + ".more")
    files.erase(KEY, one)
    left = aws.s3.list_object_versions(Bucket=aws.environment["BUCKET"])
    assert {each["VersionId"] for each in left["Versions"]} == {two, other}
    assert "DeleteMarkers" not in left


def test_erasing_what_is_not_there_is_done_already(files, drop):
    version = drop(b"one")
    files.erase(KEY, version)
    files.erase(KEY, version)


def test_what_is_put_is_read_back_with_its_type(aws, files):
    files.put("reports/a.json", b"{}\n", "application/json")
    assert list(files.lines("reports/a.json", "")) == [b"{}\n"]
    head = aws.s3.head_object(Bucket=aws.environment["BUCKET"], Key="reports/a.json")
    assert head["ContentType"] == "application/json"


@pytest.fixture(params=["memory", "s3"])
def kept(request):
    """The fake and the real bucket, and the way things are dropped there."""
    if request.param == "memory":
        fake = MemoryFiles()
        return fake, lambda body: fake.drop(KEY, body)
    return request.getfixturevalue("files"), request.getfixturevalue("drop")


def test_the_fake_reads_as_the_bucket_does(kept):
    files, drop = kept
    old = drop(b"a\r\nb\nc")
    drop(b"newer")
    assert list(files.lines(KEY, old)) == [b"a\r\n", b"b\n", b"c"]
    assert list(files.lines(KEY, old, 3, 5)) == [b"b\n"]
    assert list(files.lines(KEY, "")) == [b"newer"]


def test_what_was_erased_is_not_read_as_empty(kept):
    files, drop = kept
    version = drop(b"a\n")
    files.erase(KEY, version)
    with pytest.raises(Gone):
        list(files.lines(KEY, version))


@pytest.mark.parametrize("real", [True, False])
def test_what_lies_under_a_prefix_is_listed_until_it_is_erased(aws, real):
    """The fake keeps the same promise."""
    files = aws.files if real else MemoryFiles()
    for name in ("inbound/bank/b", "inbound/bank/a", "inbound/banking", "reports/c"):
        files.put(name, b"x", "text/plain")
    found = list(files.lying("inbound/bank/"))
    assert [each.key for each in found] == ["inbound/bank/a", "inbound/bank/b"]
    assert all(each.since.tzinfo for each in found)
    for each in found:
        assert list(files.lines(each.key, each.version)) == [b"x"]
        files.erase(each.key, each.version)
    assert list(files.lying("inbound/bank/")) == []
    assert list(files.lying("outbound/")) == []


def test_an_older_version_that_nobody_erased_still_lies_there(kept):
    """Nor does a mark of deletion hide it: only who has read a file erases it."""
    files, drop = kept
    first, second = drop(b"one"), drop(b"two")
    assert [each.version for each in files.lying(KEY)] == [second, first]
    files.erase(KEY, second)
    assert [each.version for each in files.lying(KEY)] == [first]
    files.erase(KEY, first)
    assert list(files.lying(KEY)) == []


def test_a_mark_of_deletion_hides_no_unread_file(aws, drop):
    version = drop(b"one")
    aws.s3.delete_object(Bucket=aws.environment["BUCKET"], Key=KEY)
    assert [each.version for each in aws.files.lying(KEY)] == [version]


def test_more_than_a_page_of_keys_is_listed_whole(aws, monkeypatch):
    page = {"Versions": [{"Key": "a", "VersionId": "v", "LastModified": 1}]}
    paginator = type("Pages", (), {"paginate": lambda _self, **_place: [page, page, {}]})()
    monkeypatch.setattr(aws.s3, "get_paginator", lambda _what: paginator)
    assert list(aws.files.lying("a")) == [Lying("a", "v", 1), Lying("a", "v", 1)]
