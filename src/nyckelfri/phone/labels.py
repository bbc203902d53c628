"""Labels of units that this phone has let go, until the server has them.

House rules: a label commissions its unit, so it is sealed under the key that only the PIN gives,
and on stable storage before the lock may forget what it was. It goes when the server has it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nyckelfri.phone.store import Store, StoreError

_NONCE: Final = 12


@dataclass(frozen=True, slots=True)
class KeptLabel:
    """A signed label; `confirmed` once the lock has said that it is factory-new."""

    installation: bytes
    data: bytes = field(repr=False)
    confirmed: bool


class Labels:
    """The labels on one phone."""

    def __init__(
        self, store: Store, data_key: bytes, *, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        self._store = store
        self._cipher = AESGCM(data_key)
        self._random = random

    def __repr__(self) -> str:
        return "Labels()"

    def keep(self, installation: bytes, data: bytes) -> None:
        """A label that the lock has just made, instead of an earlier one that was not confirmed."""
        nonce = self._random(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, data, installation)
        with self._store.transaction() as change:
            change.execute("REPLACE INTO labels VALUES (?, ?, 0)", (installation, sealed))

    def confirm(self, installation: bytes) -> None:
        """The unit is factory-new: this is its label."""
        with self._store.transaction() as change:
            change.execute(
                "UPDATE labels SET confirmed = 1 WHERE installation = ?", (installation,)
            )

    def forget(self, installation: bytes) -> None:
        """The server has it."""
        with self._store.transaction() as change:
            change.execute("DELETE FROM labels WHERE installation = ?", (installation,))

    def all(self) -> list[KeptLabel]:
        """Every label; StoreError if one is damaged."""
        rows = self._store.rows("SELECT installation, data, confirmed FROM labels")
        return [self._open(*row) for row in rows]

    def of(self, installation: bytes) -> KeptLabel | None:
        """The label of the unit that was this installation."""
        return next((label for label in self.all() if label.installation == installation), None)

    def _open(self, installation: object, sealed: object, confirmed: object) -> KeptLabel:
        if isinstance(installation, bytes) and isinstance(sealed, bytes):
            try:
                data = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], installation)
            except InvalidTag:
                pass
            else:
                return KeptLabel(installation, data, bool(confirmed))
        raise StoreError("a label on this phone is damaged: call support before you leave the unit")
