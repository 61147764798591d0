"""Secrets: what is sealed opens only with its key, for its purpose, where it belongs."""

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb.store import Put, Remove
from chalicelib.domain.identification import Ssn
from chalicelib.ports import Unsealable
from infra.offline.faults import Kind
from tests.fakes import PlainVault

ACCOUNT, ABOUT = "000123456789", "account|SUB1|v1"
quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


@pytest.fixture(params=["plain", "kms"])
def fresh(request):
    """Makes a vault as a fresh process has it."""
    if request.param == "plain":
        return PlainVault
    return request.getfixturevalue("aws").vault


@pytest.fixture
def vault(fresh):
    return fresh()


def rotate(aws, purpose, epoch):
    """Adds a data key by hand, as the yearly rotation does."""
    made = aws.kms.generate_data_key(
        KeyId=aws.environment["SEAL_KEY_ID"],
        KeySpec="AES_256",
        EncryptionContext={"purpose": purpose},
    )
    row = {"purpose": purpose, "epoch": epoch, "wrapped": made["CiphertextBlob"]}
    aws.store.write(Put("keys", row, when={"purpose": None}))


@given(text=st.text(max_size=200), about=st.text(max_size=40))
@quick
def test_what_was_sealed_opens_where_it_belongs(vault, text, about):
    assert vault.open("account", vault.seal("account", text, about), about) == text


def test_another_process_opens_it_too(fresh):
    assert fresh().open("account", fresh().seal("account", ACCOUNT, ABOUT), ABOUT) == ACCOUNT


def test_a_sealed_text_says_nothing_of_what_is_in_it(vault):
    sealed = vault.seal("account", ACCOUNT, ABOUT)
    assert not any(part in sealed for part in ("123456", "6789", "SUB1"))
    assert len(vault.seal("account", "x" * 100, ABOUT)) > 100


@pytest.mark.parametrize(
    ("purpose", "about"),
    [
        ("account", "account|SUB2|v1"),  # copied to another subscriber
        ("account", ""),
        ("draft", ABOUT),
        ("accoun", f"t|{ABOUT}"),
    ],
)
def test_a_sealed_text_that_was_moved_does_not_open(vault, purpose, about):
    with pytest.raises(Unsealable):
        vault.open(purpose, vault.seal("account", ACCOUNT, ABOUT), about)


@given(data=st.data())
@quick
def test_a_sealed_text_that_was_altered_does_not_open(vault, data):
    sealed = vault.seal("account", ACCOUNT, ABOUT)
    place = data.draw(st.integers(0, len(sealed) - 1))
    signs = st.sampled_from("ABab01.-_=\n ٣") | st.just("")
    altered = sealed[:place] + data.draw(signs) + sealed[place + 1 :]
    if altered != sealed:
        with pytest.raises(Unsealable):
            vault.open("account", altered, ABOUT)


@given(text=st.text(max_size=60))
@quick
def test_what_was_never_sealed_does_not_open(vault, text):
    for said in (text, f"v1.1.{text}", f"v1.{text}.AAAA", "v1.1.", "v2.1.AAAA", "v1.9.AAAA"):
        with pytest.raises(Unsealable):
            vault.open("account", said, ABOUT)


@pytest.mark.parametrize(
    "epoch", ["01", " 1", "+1", "1_0", "9" * 50, "0", "-1", "1" * 5000, "\u0661"]
)
def test_an_epoch_has_one_spelling(vault, epoch):
    sealed = vault.seal("account", ACCOUNT, ABOUT)
    with pytest.raises(Unsealable):
        vault.open("account", sealed.replace("v1.1.", f"v1.{epoch}.", 1), ABOUT)


def test_the_last_sign_of_a_sealed_text_can_not_be_exchanged(vault):
    """Base64 has signs whose last bits nobody reads."""
    sealed = vault.seal("account", "x", ABOUT)
    bare = sealed.rstrip("=")
    for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        altered = bare[:-1] + sign + sealed[len(bare) :]
        if altered != sealed:
            with pytest.raises(Unsealable):
                vault.open("account", altered, ABOUT)


def test_a_mac_is_the_same_in_every_process_and_another_for_each_purpose(fresh):
    assert fresh().mac("page", "x") == fresh().mac("page", "x")
    assert len(fresh().mac("page", "x")) == 32
    vault = fresh()
    assert len({vault.mac("page", "x"), vault.mac("page", "y"), vault.mac("feed", "x")}) == 3


def test_a_mac_may_be_fed_piece_by_piece(vault):
    hasher = vault.hasher("feed")
    hasher.update(b"Mar")
    hasher.update("ía".encode())
    assert hasher.hexdigest() == vault.mac("feed", "María").hex()


def test_rule_33_the_index_of_a_number_tells_nothing_of_it(vault):
    index = vault.ssn_index(Ssn("123456789"))
    assert index.startswith("v1#")
    assert not any("123456789"[n : n + 4] in index for n in range(6))
    assert index != vault.ssn_index(Ssn("123456780"))


def test_the_index_of_a_number_is_the_same_in_every_process(fresh):
    assert fresh().ssn_index(Ssn("123456789")) == fresh().ssn_index(Ssn("123456789"))


# What only the real vault has: keys.


def test_rule_33_the_index_is_made_inside_kms(aws):
    vault = aws.vault()
    aws.engine.reset_calls()
    vault.ssn_index(Ssn("123456789"))
    assert [(call.service, call.operation) for call in aws.engine.calls] == [("kms", "GenerateMac")]


def test_a_data_key_is_made_once_and_asked_for_once_in_a_process(aws):
    vault = aws.vault()
    for _ in range(3):
        vault.open("draft", vault.seal("draft", "x", "y"), "y")
        vault.mac("draft", "x")
    assert aws.engine.count("kms", "GenerateDataKey") == 1
    assert aws.engine.count("kms", "Decrypt") == 1


def test_data_keys_are_kept_wrapped(aws):
    aws.vault().seal("draft", "x", "y")
    (row,) = aws.store.query("keys", "draft")
    opened = aws.kms.decrypt(CiphertextBlob=row["wrapped"], EncryptionContext={"purpose": "draft"})
    assert opened["Plaintext"] not in row["wrapped"]
    assert set(row) == {"purpose", "epoch", "wrapped"}


def test_two_processes_that_start_together_end_with_one_key(aws):
    one, other = aws.vault(), aws.vault()
    one._make_first("draft")
    other._make_first("draft")  # it had looked before the first one wrote
    assert len(list(aws.store.query("keys", "draft"))) == 1
    assert other.open("draft", one.seal("draft", "x", "y"), "y") == "x"


def test_after_rotation_new_texts_have_the_new_key_and_old_ones_still_open(aws):
    old = aws.vault().seal("account", ACCOUNT, ABOUT)
    mac = aws.vault().mac("account", "x")
    rotate(aws, "account", 2)
    vault = aws.vault()
    new = vault.seal("account", ACCOUNT, ABOUT)
    assert (old[:5], new[:5]) == ("v1.1.", "v1.2.")
    assert vault.open("account", old, ABOUT) == vault.open("account", new, ABOUT) == ACCOUNT
    assert vault.mac("account", "x") == mac  # what it names must stay findable


def test_a_process_from_before_the_rotation_opens_what_a_newer_one_sealed(aws):
    before = aws.vault()
    before.seal("account", ACCOUNT, ABOUT)
    rotate(aws, "account", 2)
    assert before.open("account", aws.vault().seal("account", ACCOUNT, ABOUT), ABOUT) == ACCOUNT


def test_rotations_are_counted_beyond_nine(aws):
    aws.vault().seal("account", ACCOUNT, ABOUT)
    for epoch in (9, 10):
        rotate(aws, "account", epoch)
    assert aws.vault().seal("account", ACCOUNT, ABOUT).startswith("v1.10.")


def test_a_text_can_not_be_carried_over_to_another_key(aws):
    sealed = aws.vault().seal("account", ACCOUNT, ABOUT)
    rotate(aws, "account", 2)
    with pytest.raises(Unsealable):
        aws.vault().open("account", sealed.replace("v1.1.", "v1.2."), ABOUT)


def test_a_text_under_a_key_that_is_gone_does_not_open(aws):
    sealed = aws.vault().seal("account", ACCOUNT, ABOUT)
    aws.store.write(Remove("keys", ("account", 1)))
    with pytest.raises(Unsealable):
        aws.vault().open("account", sealed, ABOUT)


def test_a_key_that_was_moved_to_another_purpose_opens_nothing(aws):
    sealed = aws.vault().seal("account", ACCOUNT, ABOUT)
    (row,) = aws.store.query("keys", "account")
    aws.store.write(Put("keys", {**row, "purpose": "draft"}))
    with pytest.raises(Unsealable):
        aws.vault().open("draft", sealed, ABOUT)


def test_when_kms_is_away_it_is_not_said_that_a_text_was_altered(aws):
    sealed = aws.vault().seal("account", ACCOUNT, ABOUT)
    vault = aws.vault()
    aws.engine.plan_fault(1, Kind.HTTP_500, operation="Decrypt", times=20)
    with pytest.raises(ClientError):
        vault.open("account", sealed, ABOUT)
    aws.engine.forget_faults()
    assert vault.open("account", sealed, ABOUT) == ACCOUNT
