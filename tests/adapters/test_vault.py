"""Secrets: what is sealed opens only with its key, for its purpose, where it belongs."""

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.vault import MARKS, NoKey
from chalicelib.domain.identification import Ssn
from chalicelib.domain.purposes import PURPOSES, Kind
from chalicelib.ports import Unsealable
from chalicelib.store import Put, Remove
from infra.offline import faults
from tests.fakes import PlainVault

ACCOUNT, ABOUT = "000123456789", "account|SUB1|v1"
LONGEST = "9" * 17
KEPT_HERE = {purpose for purpose, kind in PURPOSES.items() if kind is not Kind.INDEX}
SEALING = sorted(
    purpose for purpose, kind in PURPOSES.items() if kind in (Kind.BOX, Kind.SYMMETRIC, Kind.STEADY)
)
BOXES = sorted(purpose for purpose, kind in PURPOSES.items() if kind is Kind.BOX)
quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


@pytest.fixture(params=["plain", "kms"])
def fresh(request):
    """Makes a vault as a fresh process has it."""
    if request.param == "plain":
        return PlainVault
    return request.getfixturevalue("deployed").vault


@pytest.fixture
def vault(fresh):
    return fresh()


@pytest.fixture
def deployed(aws):
    """AWS after a deployment: the keys are made."""
    aws.key_maker.make_missing()
    aws.engine.reset_calls()
    return aws


@pytest.fixture(params=SEALING)
def purpose(request):
    """Each under which texts are sealed: boxes, and where who seals opens, too."""
    return request.param


@given(text=st.text(max_size=200), about=st.text(max_size=40))
@quick
def test_what_was_sealed_opens_where_it_belongs(vault, purpose, text, about):
    assert vault.open(purpose, vault.seal(purpose, text, about), about) == text


def test_another_process_opens_it_too(fresh, purpose):
    assert fresh().open(purpose, fresh().seal(purpose, ACCOUNT, ABOUT), ABOUT) == ACCOUNT


def test_a_sealed_text_says_nothing_of_what_is_in_it(vault, purpose):
    sealed = vault.seal(purpose, ACCOUNT, ABOUT)
    assert not any(part in sealed for part in ("123456", "6789", "SUB1"))
    assert len(vault.seal(purpose, "x" * 100, ABOUT)) > 100


@pytest.mark.parametrize(
    ("purpose", "about"),
    [
        ("account", "account|SUB2|v1"),  # copied to another subscriber
        ("account", ""),
        ("quarantine", ABOUT),  # another box
        ("draft", ABOUT),
    ],
)
def test_a_sealed_text_that_was_moved_does_not_open(vault, purpose, about):
    with pytest.raises(Unsealable):
        vault.open(purpose, vault.seal("account", ACCOUNT, ABOUT), about)


@given(data=st.data())
@quick
def test_a_sealed_text_that_was_altered_does_not_open(vault, purpose, data):
    sealed = vault.seal(purpose, ACCOUNT, ABOUT)
    place = data.draw(st.integers(0, len(sealed) - 1))
    signs = st.sampled_from("ABab01.-_=\n ٣") | st.just("")
    altered = sealed[:place] + data.draw(signs) + sealed[place + 1 :]
    if altered != sealed:
        with pytest.raises(Unsealable):
            vault.open(purpose, altered, ABOUT)


def forms(mark, text):
    """What looks like sealed by this mark."""
    return f"{mark}.1.{text}", f"{mark}.{text}.AAAA", f"{mark}.1.", f"{mark}.9.AAAA"


@given(text=st.text(max_size=60))
@quick
def test_what_was_never_sealed_does_not_open(vault, purpose, text):
    for said in (text, "v2.1.AAAA", *(form for mark in ("b1", "v1") for form in forms(mark, text))):
        with pytest.raises(Unsealable):
            vault.open(purpose, said, ABOUT)


@pytest.mark.parametrize(
    "epoch", ["01", " 1", "+1", "1_0", "9" * 50, "0", "-1", "1" * 5000, "\u0661"]
)
def test_an_epoch_has_one_spelling(vault, purpose, epoch):
    sealed = vault.seal(purpose, ACCOUNT, ABOUT)
    with pytest.raises(Unsealable):
        vault.open(purpose, sealed.replace(".1.", f".{epoch}.", 1), ABOUT)


def test_the_last_sign_of_a_sealed_text_can_not_be_exchanged(vault, purpose):
    """Base64 has signs whose last bits nobody reads."""
    sealed = vault.seal(purpose, "x", ABOUT)
    bare = sealed.rstrip("=")
    for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        altered = bare[:-1] + sign + sealed[len(bare) :]
        if altered != sealed:
            with pytest.raises(Unsealable):
                vault.open(purpose, altered, ABOUT)


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


def asked(aws):
    """What KMS was asked to do, call by call."""
    return [call.operation for call in aws.engine.calls if call.service == "kms"]


def test_rule_33_the_index_is_made_inside_kms(aws):
    vault = aws.vault()
    aws.engine.reset_calls()
    vault.ssn_index(Ssn("123456789"))
    assert [(call.service, call.operation) for call in aws.engine.calls] == [("kms", "GenerateMac")]


def test_a_data_key_is_asked_for_once_in_a_process(deployed):
    vault = deployed.vault()
    for _ in range(3):
        vault.open("draft", vault.seal("draft", "x", "y"), "y")
    assert asked(deployed) == ["Decrypt"]


def test_a_key_of_digests_is_asked_for_once_in_a_process(deployed):
    vault = deployed.vault()
    for _ in range(3):
        vault.mac("page", "x")
        vault.hasher("page")
    assert asked(deployed) == ["Decrypt"]


@pytest.mark.parametrize("purpose", BOXES)
def test_a_box_is_sealed_without_kms_and_its_key_asked_for_once_by_who_opens(deployed, purpose):
    sealed = [deployed.vault().seal(purpose, ACCOUNT, ABOUT) for _ in range(3)]
    assert asked(deployed) == []
    vault = deployed.vault()
    assert [vault.open(purpose, each, ABOUT) for each in sealed] == [ACCOUNT] * 3
    assert asked(deployed) == ["Decrypt"]


@pytest.mark.parametrize("epoch", [1, 99_999])
def test_the_longest_account_number_is_sealed_in_96_signs(deployed, epoch):
    (row,) = deployed.store.query("keys", "account")
    deployed.store.write(Put("keys", {**row, "epoch": epoch}))
    assert len(deployed.vault().seal("account", LONGEST, ABOUT)) <= 96


def test_the_same_number_is_sealed_otherwise_each_time(deployed, purpose):
    """Save where a mail that is sent again must be the same mail (rule 58)."""
    made = {deployed.vault().seal(purpose, ACCOUNT, ABOUT) for _ in range(5)}
    assert len(made) == (1 if PURPOSES[purpose] is Kind.STEADY else 5)


class OfThePage:
    """KMS as the role of the page meets it: some purposes are not its own."""

    def __init__(self, kms, refused):
        self._kms, self._refused = kms, refused

    def __getattr__(self, name):
        return getattr(self._kms, name)

    def decrypt(self, **wanted):
        if wanted["EncryptionContext"] == {"purpose": self._refused}:
            said = {"Code": "AccessDeniedException", "Message": "not authorized"}
            raise ClientError({"Error": said}, "Decrypt")
        return self._kms.decrypt(**wanted)


@pytest.mark.parametrize("box", BOXES)
def test_who_may_not_open_a_box_can_seal_it_still_and_opens_what_is_its_own(deployed, box):
    page = deployed.vault(kms=OfThePage(deployed.kms, box))
    sealed = page.seal(box, ACCOUNT, ABOUT)
    with pytest.raises(ClientError, match="AccessDenied"):
        page.open(box, sealed, ABOUT)
    assert deployed.vault().open(box, sealed, ABOUT) == ACCOUNT
    assert page.open("draft", page.seal("draft", "typed", "J1"), "J1") == "typed"


def test_a_box_says_nothing_to_who_reads_the_table_of_keys(deployed):
    """All that the page can read of it: the public key, and a private one that KMS has wrapped."""
    (row,) = deployed.store.query("keys", "account")
    assert set(row) == {"purpose", "epoch", "public", "wrapped"}
    context = {"purpose": "account"}
    answer = deployed.kms.decrypt(CiphertextBlob=row["wrapped"], EncryptionContext=context)
    private = X25519PrivateKey.from_private_bytes(answer["Plaintext"])
    assert answer["Plaintext"] not in row["wrapped"]
    assert private.public_key().public_bytes_raw() == row["public"] != answer["Plaintext"]


def test_data_keys_are_kept_wrapped(deployed):
    (row,) = deployed.store.query("keys", "draft")
    context = {"purpose": "draft"}
    opened = deployed.kms.decrypt(CiphertextBlob=row["wrapped"], EncryptionContext=context)
    assert opened["Plaintext"] not in row["wrapped"]
    assert set(row) == {"purpose", "epoch", "wrapped"}


@pytest.mark.parametrize("purpose", sorted(KEPT_HERE))
def test_no_key_opens_under_the_context_of_another_purpose(deployed, purpose):
    (row,) = deployed.store.query("keys", purpose)
    for other in {*PURPOSES, ""} - {purpose}:
        with pytest.raises(ClientError, match="InvalidCiphertext"):
            deployed.kms.decrypt(
                CiphertextBlob=row["wrapped"], EncryptionContext={"purpose": other}
            )


@pytest.mark.parametrize("purpose", sorted(KEPT_HERE))
def test_without_keys_the_vault_says_so_by_name_and_makes_none(aws, purpose):
    vault = aws.vault()
    acts = [lambda: vault.mac(purpose, "x"), lambda: vault.hasher(purpose)]
    if purpose in SEALING:
        text = f"{MARKS[PURPOSES[purpose]]}.1.AAAA"
        acts = [lambda: vault.seal(purpose, "x", "y"), lambda: vault.open(purpose, text, "y")]
    for act in acts:
        with pytest.raises(NoKey, match=f"no key for {purpose}: make_keys has not run"):
            act()
    assert {call.operation for call in aws.engine.calls} <= {"Query", "GetItem"}


@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_digests_and_seals_never_share_a_key(deployed, purpose):
    vault = deployed.vault()
    wrong = (
        [lambda: vault.mac(purpose, "x"), lambda: vault.hasher(purpose)]
        if purpose in SEALING
        else [lambda: vault.seal(purpose, "x", "y"), lambda: vault.open(purpose, "x", "y")]
    )
    for act in wrong:
        with pytest.raises((AssertionError, KeyError)):
            act()


def test_after_rotation_new_texts_have_the_new_key_and_old_ones_still_open(deployed, purpose):
    old = deployed.vault().seal(purpose, ACCOUNT, ABOUT)
    deployed.key_maker.make_next(purpose)
    vault = deployed.vault()
    new = vault.seal(purpose, ACCOUNT, ABOUT)
    assert (old[2:5], new[2:5]) == (".1.", ".2.")
    assert vault.open(purpose, old, ABOUT) == vault.open(purpose, new, ABOUT) == ACCOUNT


def test_a_process_from_before_the_rotation_opens_what_a_newer_one_sealed(deployed, purpose):
    before = deployed.vault()
    before.seal(purpose, ACCOUNT, ABOUT)
    deployed.key_maker.make_next(purpose)
    sealed = deployed.vault().seal(purpose, ACCOUNT, ABOUT)
    assert before.open(purpose, sealed, ABOUT) == ACCOUNT


def test_rotations_are_counted_beyond_nine(deployed, purpose):
    for _ in range(9):
        deployed.key_maker.make_next(purpose)
    assert deployed.vault().seal(purpose, ACCOUNT, ABOUT)[2:6] == ".10."


def test_a_text_can_not_be_carried_over_to_another_key(deployed, purpose):
    sealed = deployed.vault().seal(purpose, ACCOUNT, ABOUT)
    deployed.key_maker.make_next(purpose)
    with pytest.raises(Unsealable):
        deployed.vault().open(purpose, sealed.replace(".1.", ".2."), ABOUT)


def test_a_key_that_was_moved_to_another_epoch_opens_nothing(deployed, purpose):
    sealed = deployed.vault().seal(purpose, ACCOUNT, ABOUT)
    (row,) = deployed.store.query("keys", purpose)
    deployed.store.write(Put("keys", {**row, "epoch": 2}))
    with pytest.raises(Unsealable):
        deployed.vault().open(purpose, sealed.replace(".1.", ".2."), ABOUT)


def test_a_text_under_a_key_that_is_gone_does_not_open(deployed, purpose):
    sealed = deployed.vault().seal(purpose, ACCOUNT, ABOUT)
    deployed.key_maker.make_next(purpose)
    deployed.store.write(Remove("keys", (purpose, 1)))
    with pytest.raises(Unsealable):
        deployed.vault().open(purpose, sealed, ABOUT)


def test_a_key_that_was_moved_to_another_purpose_opens_nothing(deployed):
    sealed = deployed.vault().seal("account", ACCOUNT, ABOUT)
    (row,) = deployed.store.query("keys", "account")
    deployed.store.write(Put("keys", {**row, "purpose": "quarantine"}))
    with pytest.raises(Unsealable):
        deployed.vault().open("quarantine", sealed, ABOUT)


def test_when_kms_is_away_it_is_not_said_that_a_text_was_altered(deployed, purpose):
    sealed = deployed.vault().seal(purpose, ACCOUNT, ABOUT)
    vault = deployed.vault()
    deployed.engine.plan_fault(1, faults.Kind.HTTP_500, operation="Decrypt", times=20)
    with pytest.raises(ClientError):
        vault.open(purpose, sealed, ABOUT)
    deployed.engine.forget_faults()
    assert vault.open(purpose, sealed, ABOUT) == ACCOUNT
