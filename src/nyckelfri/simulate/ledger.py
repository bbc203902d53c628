"""What the world knows of keys: who was handed which grant, and what each door has been told.

House rules: read off the server's answers as they go out to phones, never asked of the server.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nyckelfri import cbor
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import fields, grants, signed
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.grants import Grant


@dataclass(frozen=True, slots=True)
class Handed:
    """A grant as it went out, at `at` (true Unix seconds), to a phone on which `carer` works.

    `kid` names the key that signed it; a `forged` one was minted by whoever has stolen that key.
    """

    grant: Grant
    kid: bytes
    phone: str
    carer: str
    lock: str
    at: float
    forged: bool = False


@dataclass(frozen=True, slots=True)
class Exposed:
    """A door that a lost phone was said to open, until when (Unix seconds).

    `in_doubt`: the lock's clock was not sure, so that it may be later.
    """

    until: float
    in_doubt: bool


@dataclass(frozen=True, slots=True)
class Exposure:
    """All that the office was shown of a lost phone.

    `doors`, by lock; `others_until`: when also keys that a restored database had forgotten would
    open nothing more, 0 where there were none. `home`: the newest entry of each lock that had
    come home.
    """

    doors: Mapping[str, Exposed]
    others_until: float
    home: Mapping[str, int]


@dataclass(slots=True)
class Ledger:
    """Everything that the server has handed out; `locks` names installations."""

    locks: dict[bytes, str]
    handed: dict[bytes, Handed] = field(default_factory=dict)
    by_door: dict[tuple[str, str], list[Handed]] = field(default_factory=dict)
    """By phone and lock."""
    clashes: list[Grant] = field(default_factory=list)
    """Grants under a serial that another one has."""
    shown: dict[str, frozenset[bytes]] = field(default_factory=dict)
    """Serials in the latest answer to each phone."""
    receipts: dict[str, int] = field(default_factory=dict)
    """The highest number that a receipt ever covered, by lock."""
    entries: dict[str, float] = field(default_factory=dict)
    """When the server first answered for what somebody entered, by the entry's id."""
    _read: dict[str, bytes] = field(default_factory=dict)
    """The serials of grants as they went out."""
    _keys: dict[str, str] = field(default_factory=dict)
    blocked: dict[str, float] = field(default_factory=dict)
    """When a phone was blocked for good, by label."""
    ended: dict[str, float] = field(default_factory=dict)
    """When a phone was last blocked, by label: the key that it had then stays revoked."""

    def read(self, phone: str, carer: str, answer: dict[str, Any], now: float) -> list[Handed]:
        """Take down what a sync's answer hands out; the grants that are new."""
        new = []
        serials = []
        for row in answer.get("grants", ()):
            # Most of them went out before, to the letter.
            serial = self._read.get(row["grant"])
            if serial is not None:
                serials.append(serial)
                continue
            data = _bytes(row["grant"])
            grant = grants.from_payload(signed.unverified_payload(data))
            self._read[row["grant"]] = grant.serial
            serials.append(grant.serial)
            if grant.serial not in self.handed:
                lock = self.locks[grant.installation]
                handed = Handed(grant, _key_id(data), phone, carer, lock, now)
                self.handed[grant.serial] = handed
                self.by_door.setdefault((phone, handed.lock), []).append(handed)
                new.append(handed)
            elif self.handed[grant.serial].grant != grant:
                self.clashes.append(grant)
        self.shown[phone] = frozenset(serials)
        for row in answer["results"]["entries"]:
            self.entries.setdefault(row["id"], now)
        for text in answer.get("receipts", ()):
            payload = signed.unverified_payload(_bytes(text))
            claimed = fields.record(payload, (1, 2, 3, 4))
            lock = self.locks[fields.identifier(claimed[2], "the installation")]
            number = fields.integer(claimed[3], "the number")
            self.receipts[lock] = max(number, self.receipts.get(lock, 0))
        return new

    def forge(self, handed: Handed) -> None:
        """A grant that never went out of the server: a thief has minted it."""
        self.by_door.setdefault((handed.phone, handed.lock), []).append(handed)

    def same_key(self, copy: str, phone: str) -> None:
        """The phone `copy` has the key of another, and what that held."""
        self._keys[copy] = phone

    def key_of(self, phone: str) -> str:
        """The phone whose key this one has: itself, unless it is a copy."""
        return self._keys.get(phone, phone)

    def held(self, phone: str, lock: str) -> list[Handed]:
        """Every grant for a door that ever went to a phone's key."""
        return [
            handed
            for label in {phone: 0, self.key_of(phone): 0}
            for handed in self.by_door.get((label, lock), [])
        ]


def heard(payload: bytes | None) -> Bulletin | None:
    """The bulletin that a lock keeps, as its store holds it."""
    return None if payload is None else bulletins.from_payload(payload)


def _key_id(data: bytes) -> bytes:
    """The key id in the protected header of a signed object."""
    match cbor.decode(data):
        case [bytes(protected), *_]:
            match cbor.decode(protected):
                case {4: bytes(kid)}:
                    return kid
    raise ValueError("a grant names its key")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
