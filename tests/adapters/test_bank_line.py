"""Files to the bank: sealed copies that open only in place, written and sent once (I16, I17)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters import bank_line as module
from chalicelib.adapters.bank_line import FileChanged, S3BankLine
from chalicelib.ports import Gone, NotPutOut, Outbound, Unsealable

NAME, OTHER = "1234567890-20261203-1800-A.ach", "1234567890-20261203-1800-B.ach"
SEALED, OUTBOUND = f"sealed/bank/{NAME}", f"outbound/bank/{NAME}"
LINES = [b"101 first\n", b"6270001234567890\n", b"9000\n"]
ROW = b"6" * 94 + b"\n"


def bucket_of(aws, key):
    return aws.environment["SEALED_BUCKET" if key.startswith("sealed/") else "BUCKET"]


@pytest.fixture
def bank(aws):
    aws.key_maker.make_missing()
    return S3BankLine(
        aws.s3, aws.environment["BUCKET"], aws.environment["SEALED_BUCKET"], aws.vault()
    )


@pytest.fixture
def stored(aws):
    """The bytes of an object."""

    def stored(key):
        return aws.s3.get_object(Bucket=bucket_of(aws, key), Key=key)["Body"].read()

    return stored


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(module, "CHUNK_BYTES", 20)


@pytest.fixture
def uploads(aws):
    """How many parts were uploaded."""
    return lambda: sum(call.operation == "UploadPart" for call in aws.engine.calls)


@pytest.mark.usefixtures("small_chunks")
def test_a_file_that_is_written_reads_as_the_same_bytes(bank):
    bank.write(NAME, LINES)
    assert b"".join(bank.read(NAME)) == b"".join(LINES)


@given(lines=st.lists(st.text("0123456789AZ \n", min_size=1, max_size=50), max_size=9))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@pytest.mark.usefixtures("small_chunks")
def test_any_bytes_come_back(bank, aws, lines):
    aws.empty()
    aws.key_maker.make_missing()
    body = [line.encode() for line in lines]
    bank.write(NAME, body)
    bank.send(NAME)
    assert b"".join(bank.read(NAME)) == b"".join(body)


def test_rule_33_the_sealed_copy_says_nothing_in_clear(bank, stored):
    bank.write(NAME, LINES)
    assert b"0001234567890" not in stored(SEALED)


@pytest.mark.usefixtures("small_chunks")
def test_the_sealed_copy_opens_only_in_its_place(bank, aws, stored):
    bank.write(NAME, LINES)
    chunks = stored(SEALED).splitlines(keepends=True)
    assert len(chunks) > 1
    bucket = bucket_of(aws, SEALED)
    aws.s3.put_object(Bucket=bucket, Key=f"sealed/bank/{OTHER}", Body=b"".join(chunks))
    with pytest.raises(Unsealable):
        list(bank.read(OTHER))
    aws.s3.put_object(Bucket=bucket, Key=SEALED, Body=b"".join(reversed(chunks)))
    with pytest.raises(Unsealable):
        list(bank.read(NAME))


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("wrong", [b"\xff", b"!", b"\n"])
def test_a_sealed_copy_with_another_byte_does_not_open(bank, aws, stored, wrong):
    bank.write(NAME, LINES)
    text = bytearray(stored(SEALED))
    text[len(text) // 2 : len(text) // 2 + 1] = wrong
    aws.s3.put_object(Bucket=bucket_of(aws, SEALED), Key=SEALED, Body=bytes(text))
    with pytest.raises(Unsealable):
        list(bank.read(NAME))


@pytest.mark.usefixtures("small_chunks")
def test_what_lies_out_for_the_bank_can_be_read_until_it_is_gone(bank, aws):
    bank.write(NAME, LINES)
    with pytest.raises(Gone):
        list(bank.outbound(NAME))
    bank.send(NAME)
    assert b"".join(bank.outbound(NAME)) == b"".join(LINES)
    aws.s3.delete_object(Bucket=bucket_of(aws, SEALED), Key=SEALED)
    with pytest.raises(Gone):
        list(bank.read(NAME))


def test_invariant_16_the_same_bytes_again_are_fine_and_write_nothing(bank, stored):
    bank.write(NAME, LINES)
    before = stored(SEALED)
    bank.write(NAME, [b"".join(LINES)])  # however they are cut
    assert stored(SEALED) == before


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("lines", [[], LINES[:-1], [*LINES, b"9"], [*LINES[:-1], b"9001\n"]])
def test_invariant_16_other_bytes_are_refused_and_write_nothing(bank, stored, lines):
    bank.write(NAME, LINES)
    before = stored(SEALED)
    with pytest.raises(FileChanged):
        bank.write(NAME, lines)
    assert stored(SEALED) == before


def test_a_file_is_sent_once_and_then_stays_as_it_is(bank, aws, stored):
    assert not bank.has(NAME)
    bank.write(NAME, LINES)
    assert not bank.has(NAME)
    bank.send(NAME)
    assert bank.has(NAME)
    assert stored(OUTBOUND) == b"".join(LINES)
    aws.s3.delete_object(Bucket=bucket_of(aws, SEALED), Key=SEALED)
    bank.write(NAME, [b"something else"])
    bank.send(NAME)
    assert stored(OUTBOUND) == b"".join(LINES)


def test_rule_33_an_erased_file_is_gone_in_all_versions_and_its_sealed_copy_stays(bank, aws):
    bucket = aws.environment["BUCKET"]
    for name in (NAME, OTHER):
        bank.write(name, LINES)
        bank.send(name)
    aws.s3.delete_object(Bucket=bucket, Key=OUTBOUND)  # somebody only marked it as deleted
    bank.send(NAME)
    bank.erase(NAME)
    found = aws.s3.list_object_versions(Bucket=bucket, Prefix="outbound/bank/")
    assert [each["Key"] for each in found["Versions"]] == [f"outbound/bank/{OTHER}"]
    assert "DeleteMarkers" not in found
    assert not bank.has(NAME)
    assert b"".join(bank.read(NAME)) == b"".join(LINES)
    bank.erase(NAME)  # again changes nothing
    assert bank.has(OTHER)


def test_what_is_wrong_with_the_bucket_is_not_taken_for_an_answer(bank, aws):
    aws.engine.plan_fault(1, "http-500", operation="HeadObject", times=9)
    with pytest.raises(Exception, match=r"500|Internal"):
        bank.has(NAME)
    aws.engine.forget_faults()


# What stands in its place.


def test_a_place_says_what_ever_stood_there(bank, aws):
    bank.write(NAME, LINES)
    assert bank.look(NAME) is Outbound.EMPTY
    bank.send(NAME)
    assert bank.look(NAME) is Outbound.LIES
    aws.s3.delete_object(Bucket=aws.environment["BUCKET"], Key=OUTBOUND)
    assert bank.look(NAME) is Outbound.GONE
    bank.erase(NAME)
    assert bank.look(NAME) is Outbound.EMPTY
    bank.hold(NAME)
    assert bank.look(NAME) is Outbound.HELD


def test_a_name_that_only_begins_so_is_another_file(bank, aws):
    bank.write(NAME, LINES)
    bank.send(NAME)
    assert bank.look(NAME.removesuffix(".ach")) is Outbound.EMPTY


def test_no_file_lands_in_a_place_that_is_held_until_it_is_free(bank, aws, stored):
    bank.write(NAME, LINES)
    bank.hold(NAME)
    with pytest.raises(NotPutOut):
        bank.send(NAME)
    assert (stored(OUTBOUND), bank.has(NAME)) == (b"", False)
    with pytest.raises(Gone):
        list(bank.outbound(NAME))
    bank.free(NAME)
    assert bank.look(NAME) is Outbound.EMPTY
    bank.send(NAME)
    assert stored(OUTBOUND) == b"".join(LINES)


def test_a_file_that_was_there_first_is_neither_held_nor_freed(bank, aws, stored):
    bank.write(NAME, LINES)
    bank.send(NAME)
    bank.hold(NAME)
    bank.free(NAME)
    assert (stored(OUTBOUND), bank.look(NAME)) == (b"".join(LINES), Outbound.LIES)


def test_a_large_file_does_not_land_in_a_place_that_is_held(bank, large, aws):
    bank.write(NAME, iter(large))
    bank.hold(NAME)
    with pytest.raises(NotPutOut):
        bank.send(NAME)
    assert bank.look(NAME) is Outbound.HELD
    assert "Uploads" not in aws.s3.list_multipart_uploads(Bucket=aws.environment["BUCKET"])


# Above eight megabytes a file goes in parts.


@pytest.fixture
def large(monkeypatch):
    """As many rows as make three parts; sealing a row adds to it."""
    monkeypatch.setattr(module, "PART_BYTES", 5 << 20)  # S3's own least, so that it is quick
    return [ROW] * (11 * (1 << 20) // len(ROW))


def test_a_large_file_goes_in_parts_and_reads_the_same(bank, large, uploads, stored):
    bank.write(NAME, iter(large))
    assert uploads() == 3
    bank.send(NAME)
    assert uploads() == 6
    assert stored(OUTBOUND) == b"".join(large)


def test_invariant_16_moto_honours_if_none_match_when_parts_are_put_together(bank, large, stored):
    """moto 5.2 answers 412 to CompleteMultipartUpload with If-None-Match, as S3 does."""
    bank.write(NAME, LINES)
    with pytest.raises(FileChanged):
        bank.write(NAME, iter(large))
    assert b"".join(bank.read(NAME)) == b"".join(LINES)


def test_invariant_16_a_large_file_again_is_fine_when_it_is_the_same(bank, large):
    bank.write(NAME, iter(large))
    bank.write(NAME, iter(large))
    with pytest.raises(FileChanged):
        bank.write(NAME, iter(large[:-1]))


def test_an_upload_that_came_second_leaves_no_parts_behind(bank, large, aws):
    bank.write(NAME, iter(large))
    bank.write(NAME, iter(large))
    bucket = bucket_of(aws, SEALED)
    assert "Uploads" not in aws.s3.list_multipart_uploads(Bucket=bucket)
