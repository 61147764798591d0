"""Secrets under keys of AWS KMS: sealed texts, keyed digests, the index of SSNs.

A key per purpose and epoch lies wrapped in the table `keys`, and is unwrapped once in the life of a
process. KMS itself would cost a call and $3 a million for each value; AES-GCM under a data key
costs two microseconds (docs/decisions/0004). A box (RFC 9180) is sealed with a public key: whoever
seals can't open (docs/decisions/0022); who may open what stands in infra/rights/never.py. What must
be sealed alike each time takes AES-SIV (RFC 5297): it betrays that two texts are the same, no more.
"""

import base64
import hmac
import re
import secrets
from functools import lru_cache
from typing import Any

from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from chalicelib.adapters.keys import FIRST_EPOCH
from chalicelib.domain.identification import Ssn
from chalicelib.domain.purposes import PURPOSES, Kind
from chalicelib.ports import Hasher, Unsealable
from chalicelib.store import Item, Store

MARKS = {Kind.BOX: "b1", Kind.SYMMETRIC: "v1", Kind.STEADY: "s1"}
SSN_INDEX_VERSION = "v1"
NONCE_BYTES = 12
BOX = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

_SEALED = re.compile(r"[bsv]1\.([1-9]\d{0,5})\.([\w-]+)", re.ASCII)


class NoKey(Exception):
    """A purpose has no key at all: this deployment is not finished."""

    def __init__(self, purpose: str) -> None:
        super().__init__(f"no key for {purpose}: make_keys has not run")


class KmsVault:
    """Seals with AES-256-GCM; what a text is about is bound to it."""

    def __init__(self, kms: Any, store: Store, *, index_key_id: str) -> None:
        self._kms = kms
        self._store = store
        self._index_key_id = index_key_id
        self._newest = lru_cache(maxsize=16)(self._find_newest)
        self._secret = lru_cache(maxsize=64)(self._unwrap)
        self._private = lru_cache(maxsize=64)(self._load_private)

    def seal(self, purpose: str, text: str, about: str) -> str:
        """`b1.<epoch>.<ephemeral key and ciphertext>`, `v1.<epoch>.<nonce and ciphertext>`.

        Or `s1.<epoch>.<synthetic IV and ciphertext>`.
        """
        mark, newest = MARKS[PURPOSES[purpose]], self._newest(purpose)
        epoch = int(newest["epoch"])
        context = _context(mark, purpose, epoch, about)
        if PURPOSES[purpose] is Kind.BOX:
            public = X25519PublicKey.from_public_bytes(newest["public"])
            return _spelled(mark, epoch, BOX.encrypt(text.encode(), public, info=context))
        if PURPOSES[purpose] is Kind.STEADY:
            steady = AESSIV(self._secret(purpose, epoch))
            return _spelled(mark, epoch, steady.encrypt(text.encode(), [context]))
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self._secret(purpose, epoch)).encrypt(nonce, text.encode(), context)
        return _spelled(mark, epoch, nonce + cipher)

    def open(self, purpose: str, sealed: str, about: str) -> str:
        """Raises Unsealable when it was altered, moved, or sealed under a key that is gone."""
        mark = MARKS[PURPOSES[purpose]]
        try:
            epoch, raw = _parsed(mark, sealed)
            context = _context(mark, purpose, epoch, about)
            if PURPOSES[purpose] is Kind.BOX:
                return BOX.decrypt(raw, self._private(purpose, epoch), info=context).decode()
            if PURPOSES[purpose] is Kind.STEADY:
                steady = AESSIV(self._secret(purpose, epoch))
                return steady.decrypt(raw, [context]).decode()
            key = AESGCM(self._secret(purpose, epoch))
            return key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context).decode()
        except (ValueError, InvalidTag, LookupError):
            raise Unsealable(purpose) from None

    def opens(self, purpose: str, sealed: str, about: str) -> bool:
        """Whether it would open; nothing is handed out."""
        try:
            self.open(purpose, sealed, about)
        except Unsealable:
            return False
        return True

    def mac(self, purpose: str, text: str) -> bytes:
        """HMAC-SHA-256 under the purpose's first key: what it names must stay findable."""
        if PURPOSES[purpose] is Kind.INDEX:
            return self._index(f"{purpose}|{text}")
        return hmac.digest(self._digest_key(purpose), text.encode(), "sha256")

    def hasher(self, purpose: str) -> Hasher:
        """The same, fed piece by piece."""
        return hmac.new(self._digest_key(purpose), digestmod="sha256")

    def ssn_index(self, ssn: Ssn) -> str:
        """Made by KMS itself: with this key in a process, all numbers could be tried in an hour."""
        made = self._index(f"ssn|{ssn.digits}")
        return f"{SSN_INDEX_VERSION}#{base64.b32encode(made).decode().rstrip('=')}"

    def _index(self, text: str) -> bytes:
        answer = self._kms.generate_mac(
            KeyId=self._index_key_id, MacAlgorithm="HMAC_SHA_256", Message=text.encode()
        )
        made: bytes = answer["Mac"]
        return made

    def _digest_key(self, purpose: str) -> bytes:
        assert PURPOSES[purpose] is Kind.DIGEST, "digests have purposes of their own"
        return self._secret(purpose, FIRST_EPOCH)

    def _find_newest(self, purpose: str) -> Item:
        rows = list(self._store.query("keys", purpose))
        if not rows:
            raise NoKey(purpose)
        return max(rows, key=lambda row: int(row["epoch"]))

    def _load_private(self, purpose: str, epoch: int) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self._unwrap(purpose, epoch))

    def _unwrap(self, purpose: str, epoch: int) -> bytes:
        row = self._store.get("keys", (purpose, epoch))
        if row is None:
            self._newest(purpose)  # where no key is, nothing was altered: let that be said
            raise LookupError(purpose)
        try:
            answer = self._kms.decrypt(
                CiphertextBlob=row["wrapped"], EncryptionContext={"purpose": purpose}
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "InvalidCiphertextException":
                raise LookupError(purpose) from None
            raise
        key: bytes = answer["Plaintext"]
        return key


def _spelled(mark: str, epoch: int, raw: bytes) -> str:
    return f"{mark}.{epoch}.{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"


def _parsed(mark: str, sealed: str) -> tuple[int, bytes]:
    """Epoch, and what was sealed. Raises ValueError: a sealed text has one spelling only."""
    match = _SEALED.fullmatch(sealed)
    if not match:
        raise ValueError
    epoch, raw = int(match[1]), base64.urlsafe_b64decode(match[2] + "=" * (-len(match[2]) % 4))
    if _spelled(mark, epoch, raw) != sealed:  # Base64 itself forgives unused bits
        raise ValueError
    return epoch, raw


def _context(mark: str, purpose: str, epoch: int, about: str) -> bytes:
    return f"{mark}|{purpose}|{epoch}|{about}".encode()
