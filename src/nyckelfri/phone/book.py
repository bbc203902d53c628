"""What names people and homes on this phone, sealed under the key that only the PIN gives.

House rules: nothing of this reaches the disk in the clear; a row's name is bound to its content,
so that rows cannot be exchanged. Doors and grants belong to who is signed in and go with them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nyckelfri.door.grants import Scope
from nyckelfri.door.opening import DoorRecord
from nyckelfri.door.policy import STAY
from nyckelfri.phone.store import Store, StoreError
from nyckelfri.phone.values import Door, HeldGrant, Session, Stay

_NONCE: Final = 12
_SESSION, _DOORS = "session", "doors"


class Book:
    """Session, doors and grants of the person who is signed in."""

    def __init__(
        self, store: Store, data_key: bytes, *, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        self._store = store
        self._cipher = AESGCM(data_key)
        self._random = random

    def __repr__(self) -> str:
        return "Book()"

    def session(self) -> Session | None:
        """Who signed in last, also when that has run out."""
        value = self._open(_SESSION)
        if value is None:
            return None
        value["salt"], value["verifier"] = (bytes.fromhex(value[x]) for x in ("salt", "verifier"))
        return Session(**value)

    def keep_session(self, session: Session) -> None:
        """Remember who is signed in; another person's doors and grants go."""
        before = self.session()
        with self._store.transaction() as change:
            if before is not None and before.number != session.number:
                self._clear(change)
            value = {
                "number": session.number,
                "name": session.name,
                "until": session.until,
                "token": session.token,
                "salt": session.salt.hex(),
                "verifier": session.verifier.hex(),
                "misses": session.misses,
            }
            self._seal(change, _SESSION, value)

    def end_session(self) -> None:
        """Forget who is signed in, and everything that was theirs."""
        with self._store.transaction() as change:
            self._clear(change)

    def session_is_over(self) -> None:
        """The server no longer knows the session; who it was stays, for locking and signing in."""
        session = self.session()
        if session is not None:
            self.keep_session(replace(session, token=None, until=0))

    def doors(self) -> list[Door]:
        """The doors the signed-in person may come to, by label."""
        value = self._open(_DOORS) or []
        doors = [
            Door(
                DoorRecord(*(bytes.fromhex(row[x]) for x in ("installation", "key", "radio"))),
                row["kind"],
                row["label"],
                row["address"],
            )
            for row in value
        ]
        return sorted(doors, key=lambda door: door.label)

    def grants(self, installation: bytes | None = None) -> list[HeldGrant]:
        """All grants, or those for one door; the soonest first."""
        found = self._store.rows(
            "SELECT data, serial, installation, not_before, not_after, scope FROM grants"
            " WHERE ? IS NULL OR installation = ? ORDER BY not_before, serial",
            installation,
            installation,
        )
        return [
            HeldGrant(*row[:5], Scope(row[5]))  # type: ignore[arg-type, call-arg]
            for row in found
        ]

    def replace_access(
        self, doors: Iterable[Door], grants: Iterable[HeldGrant], *, now: int
    ) -> None:
        """Take what a sync brought instead of what was there.

        A grant that opened a door in the last hours stays with its door, so that its holder can
        lock behind them; whether it still may, the lock knows.
        """
        new = {door.installation: door for door in doors}
        with self._store.transaction() as change:
            change.execute("DELETE FROM stays WHERE opened < ?", (now - STAY,))
            stays = {row[0] for row in change.execute("SELECT installation FROM stays")}
            for door in self.doors():
                if door.installation in stays:
                    new.setdefault(door.installation, door)
            change.execute("DELETE FROM grants WHERE serial NOT IN (SELECT serial FROM stays)")
            for grant in grants:
                change.execute(
                    "REPLACE INTO grants VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        grant.serial,
                        grant.installation,
                        grant.data,
                        grant.not_before,
                        grant.not_after,
                        int(grant.scope),
                    ),
                )
            self._seal(change, _DOORS, [_door_row(door) for door in new.values()])

    def keep_stay(self, stay: Stay) -> None:
        """Remember which grant opened a door, for locking."""
        with self._store.transaction() as change:
            change.execute(
                "REPLACE INTO stays VALUES (?, ?, ?)", (stay.installation, stay.serial, stay.opened)
            )

    def _clear(self, change: Any) -> None:
        for table in ("sealed", "grants", "stays", "orders"):
            change.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above

    def _seal(self, change: Any, name: str, value: object) -> None:
        nonce = self._random(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, json.dumps(value).encode(), name.encode())
        change.execute("REPLACE INTO sealed VALUES (?, ?)", (name, sealed))

    def _open(self, name: str) -> Any:
        found = self._store.rows("SELECT value FROM sealed WHERE name = ?", name)
        if not found or not isinstance(found[0][0], bytes):
            return None
        sealed = found[0][0]
        try:
            return json.loads(self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode()))
        except InvalidTag:
            raise StoreError("the state is damaged: wipe this phone and enrol it again") from None


def _door_row(door: Door) -> dict[str, str]:
    return {
        "installation": door.installation.hex(),
        "key": door.record.lock_key.hex(),
        "radio": door.record.radio_key.hex(),
        "kind": door.kind,
        "label": door.label,
        "address": door.address,
    }
