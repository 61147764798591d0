"""Makes the keys of the vault, at deployment: nobody else writes `keys` (docs/decisions/0022)."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chalicelib.domain.purposes import PURPOSES, Kind
from chalicelib.store import ConditionFailed, Item, Put, Store

FIRST_EPOCH = 1


class KeyMaker:
    """A row a purpose and epoch: the key wrapped by KMS, beside it a box's public key in clear."""

    def __init__(self, kms: Any, store: Store, *, seal_key_id: str) -> None:
        self._kms = kms
        self._store = store
        self._seal_key_id = seal_key_id

    def make_missing(self) -> list[str]:
        """The first key of each purpose that has none; answers with what was made."""
        made = []
        for purpose, kind in PURPOSES.items():
            try:
                if kind is not Kind.INDEX and not self._newest(purpose):
                    made.append(self._make(purpose, FIRST_EPOCH))
            except ConditionFailed:
                continue  # another process made it; ours was never used
        return made

    def make_next(self, purpose: str) -> str:
        """One more epoch: new texts go under it, old ones still open.

        Raises ConditionFailed when another process made it at the same moment.
        """
        kind = PURPOSES.get(purpose, Kind.DIGEST)
        if kind in (Kind.DIGEST, Kind.INDEX):
            raise ValueError(f"no purpose whose keys rotate: {purpose}")
        return self._make(purpose, self._newest(purpose) + 1)

    def _newest(self, purpose: str) -> int:
        return max((int(row["epoch"]) for row in self._store.query("keys", purpose)), default=0)

    def _make(self, purpose: str, epoch: int) -> str:
        make = self._pair if PURPOSES[purpose] is Kind.BOX else self._data_key
        row = {"purpose": purpose, "epoch": epoch, **make({"purpose": purpose})}
        self._store.write(Put("keys", row, when={"purpose": None}))
        return f"{purpose} {epoch}"

    def _pair(self, context: dict[str, str]) -> Item:
        private = X25519PrivateKey.generate()  # KMS makes no pair of this curve
        wrapped = self._kms.encrypt(
            KeyId=self._seal_key_id,
            Plaintext=private.private_bytes_raw(),
            EncryptionContext=context,
        )
        public = private.public_key().public_bytes_raw()
        return {"public": public, "wrapped": wrapped["CiphertextBlob"]}

    def _data_key(self, context: dict[str, str]) -> Item:
        made = self._kms.generate_data_key_without_plaintext(
            KeyId=self._seal_key_id, KeySpec="AES_256", EncryptionContext=context
        )
        return {"wrapped": made["CiphertextBlob"]}
