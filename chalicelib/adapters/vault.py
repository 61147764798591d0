"""Secrets under keys of AWS KMS: sealed texts, keyed digests, the index of SSNs.

A data key per purpose and epoch is made by KMS, kept wrapped in the table `keys`, and unwrapped
once in the life of a process. KMS itself would cost a call and $3 a million for each value; AES-GCM
under a data key costs two microseconds (docs/decisions/0004).
"""

import base64
import hmac
import re
import secrets
from functools import lru_cache
from typing import Any

from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chalicelib.adapters.dynamodb.store import Put, Store
from chalicelib.domain.identification import Ssn
from chalicelib.ports import Hasher, Refused, Unsealable

VERSION = "v1"
SSN_INDEX_VERSION = "v1"
NONCE_BYTES = 12
FIRST_EPOCH = 1

_SEALED = re.compile(rf"{VERSION}\.([1-9]\d{{0,5}})\.([\w-]+=*)", re.ASCII)


class KmsVault:
    """Seals with AES-256-GCM; the context of a text is its associated data."""

    def __init__(self, kms: Any, store: Store, *, seal_key_id: str, ssn_index_key_id: str) -> None:
        self._kms = kms
        self._store = store
        self._seal_key_id = seal_key_id
        self._ssn_index_key_id = ssn_index_key_id
        self._data_key = lru_cache(maxsize=64)(self._load_data_key)
        self._newest = lru_cache(maxsize=16)(self._find_newest)

    def seal(self, purpose: str, text: str, about: str) -> str:
        """`v1.<epoch>.<nonce and ciphertext>`."""
        epoch = self._newest(purpose)
        nonce = secrets.token_bytes(NONCE_BYTES)
        context = _context(purpose, epoch, about)
        cipher = AESGCM(self._data_key(purpose, epoch)).encrypt(nonce, text.encode(), context)
        return _spelled(epoch, nonce + cipher)

    def open(self, purpose: str, sealed: str, about: str) -> str:
        """Raises Unsealable when it was altered, moved, or sealed under a key that is gone."""
        try:
            epoch, raw = _parsed(sealed)
            key = AESGCM(self._data_key(purpose, epoch))
            context = _context(purpose, epoch, about)
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
        return hmac.digest(self._first_key(purpose), text.encode(), "sha256")

    def hasher(self, purpose: str) -> Hasher:
        """The same, fed piece by piece."""
        return hmac.new(self._first_key(purpose), digestmod="sha256")

    def ssn_index(self, ssn: Ssn) -> str:
        """Made by KMS itself: with this key in a process, all numbers could be tried in an hour."""
        answer = self._kms.generate_mac(
            KeyId=self._ssn_index_key_id,
            MacAlgorithm="HMAC_SHA_256",
            Message=f"ssn|{ssn.digits}".encode(),
        )
        return f"{SSN_INDEX_VERSION}#{base64.b32encode(answer['Mac']).decode().rstrip('=')}"

    def _first_key(self, purpose: str) -> bytes:
        self._newest(purpose)
        return self._data_key(purpose, FIRST_EPOCH)

    def _find_newest(self, purpose: str) -> int:
        epochs = [int(row["epoch"]) for row in self._store.query("keys", purpose)]
        return max(epochs) if epochs else self._make_first(purpose)

    def _make_first(self, purpose: str) -> int:
        made = self._kms.generate_data_key(
            KeyId=self._seal_key_id, KeySpec="AES_256", EncryptionContext={"purpose": purpose}
        )
        row = {"purpose": purpose, "epoch": FIRST_EPOCH, "wrapped": made["CiphertextBlob"]}
        try:
            self._store.write(Put("keys", row, when={"purpose": None}))
        except Refused:
            return FIRST_EPOCH  # another process made it; ours was never used
        return FIRST_EPOCH

    def _load_data_key(self, purpose: str, epoch: int) -> bytes:
        row = self._store.get("keys", (purpose, epoch))
        if row is None:
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


def _spelled(epoch: int, raw: bytes) -> str:
    return f"{VERSION}.{epoch}.{base64.urlsafe_b64encode(raw).decode()}"


def _parsed(sealed: str) -> tuple[int, bytes]:
    """Epoch, and nonce with ciphertext. Raises ValueError: a sealed text has one spelling only."""
    match = _SEALED.fullmatch(sealed)
    if not match:
        raise ValueError
    epoch, raw = int(match[1]), base64.urlsafe_b64decode(match[2])
    if _spelled(epoch, raw) != sealed:  # Base64 itself forgives unused bits
        raise ValueError
    return epoch, raw


def _context(purpose: str, epoch: int, about: str) -> bytes:
    return f"{VERSION}|{purpose}|{epoch}|{about}".encode()
