"""The phone API's JSON, read strictly into values (the contract shared with the server).

House rules: byte strings are base64url without padding, ids lower-case hex; whatever does not
read is an error of the server and changes nothing. A grant, key set, bulletin or receipt is
verified here before anybody else sees it: the phone trusts the root, not the connection.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, TypeVar

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import delivery, fields, grants, keyset, signed
from nyckelfri.door.opening import DoorRecord
from nyckelfri.door.ownership import Release
from nyckelfri.phone.client import ServerError
from nyckelfri.phone.values import Door, HeldGrant, OpeningRecord, Trusted

PROTOCOL: Final = 1
MAX_LATER: Final = 3600
"""Seconds that a phone waits for a server that is busy, whatever the server says."""
_T = TypeVar("_T")


class AnswerError(ServerError):
    """The server's answer does not read."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signed receipt with the two things by which it is kept."""

    installation: bytes
    number: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sync brought, all of it verified; `refused` counts what did not hold."""

    server_time: int
    trusted: Trusted
    doors: list[Door] = field(repr=False)
    grants: list[HeldGrant]
    receipts: list[Receipt]
    wanted: list[tuple[bytes, int]]
    orders: list[tuple[bytes, bytes]]
    batches: list[str]
    openings: list[str]
    refused: int
    later: int = 0
    """Seconds after which to bring what was not answered for; 0 where everything was."""


def encode(data: bytes) -> str:
    """base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: object) -> bytes:
    """The bytes of `encode`; AnswerError."""
    if isinstance(text, str):
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            pass
        else:
            return data
    raise AnswerError(_MALFORMED)


_MALFORMED: Final = "the server's answer does not read: update the app or call support"


def get(answer: object, name: str, kind: type[_T]) -> _T:
    """One field of a JSON object, of exactly this type; AnswerError."""
    value = answer.get(name) if isinstance(answer, dict) else None
    if type(value) is not kind:
        raise AnswerError(_MALFORMED)
    return value


def identifier(answer: object, name: str) -> bytes:
    """An 8-byte id in hex."""
    try:
        value = bytes.fromhex(get(answer, name, str))
    except ValueError:
        raise AnswerError(_MALFORMED) from None
    if len(value) != fields.ID_BYTES:
        raise AnswerError(_MALFORMED)
    return value


def sync_request(batches: list[bytes], openings: list[OpeningRecord]) -> dict[str, Any]:
    """The body of a sync."""
    return {
        "batches": [encode(data) for data in batches],
        "openings": [
            {
                "id": record.id,
                "installation": record.installation.hex(),
                "serial": record.serial.hex(),
                "command": int(record.command),
                "reason": int(record.reason),
                "number": record.number,
                "head": record.head.hex(),
                "phone_time": record.phone_time,
            }
            for record in openings
        ],
    }


def read_sync(answer: dict[str, Any], held: Trusted, phone_x: bytes) -> Answer:
    """A sync's answer for the phone with this public key; AnswerError."""
    trusted, refused = _trust(answer, held)
    doors = [_door(row) for row in get(answer, "doors", list)]
    held_grants: list[HeldGrant] = []
    receipts: list[Receipt] = []
    if trusted.key_set is not None:
        keys = trusted.key_set
        for row in get(answer, "grants", list):
            refused += _take(held_grants, partial(_grant, row, keys, phone_x))
        for text in get(answer, "receipts", list):
            refused += _take(receipts, partial(_receipt, text, keys))
    orders: list[tuple[bytes, bytes]] = []
    for row in get(answer, "orders", list) if "orders" in answer else []:
        refused += _take(orders, partial(_order, row, trusted.root))
    results = get(answer, "results", dict)
    return Answer(
        server_time=get(answer, "server_time", int),
        trusted=trusted,
        doors=[door for door in doors if door is not None],
        grants=held_grants,
        receipts=receipts,
        wanted=[
            (identifier(row, "installation"), get(row, "first", int))
            for row in get(answer, "wanted", list)
        ],
        orders=orders,
        batches=[get(row, "status", str) for row in get(results, "batches", list)],
        openings=[get(row, "id", str) for row in get(results, "openings", list)],
        refused=refused,
        later=min(max(get(answer, "later", int) if "later" in answer else 0, 0), MAX_LATER),
    )


def _take(into: list[_T], read: Callable[[], _T]) -> int:
    """Add what `read` gives; 1 when its signature or content does not hold."""
    try:
        into.append(read())
    except (signed.SignatureError, fields.ObjectError):
        return 1
    return 0


def _trust(answer: dict[str, Any], held: Trusted) -> tuple[Trusted, int]:
    """Key set and bulletin, where they are newer than what is held; numbers only rise."""
    refused = 0
    signed_key_set, signed_bulletin = (
        decode(answer[name]) if answer.get(name) is not None else None
        for name in ("key_set", "bulletin")
    )
    try:
        if signed_key_set is not None:
            offered = keyset.read(signed_key_set, held.root)
            now = held.key_set
            if now is None or (offered.number > now.number and offered.epoch >= now.epoch):
                same_epoch = now is not None and offered.epoch == now.epoch
                held = replace(held, key_set=offered, signed_key_set=signed_key_set)
                if not same_epoch:
                    held = replace(held, bulletin=None, signed_bulletin=None)
        if signed_bulletin is not None and held.key_set is not None:
            news = bulletins.read(signed_bulletin, held.key_set)
            if held.bulletin is None or news.number > held.bulletin.number:
                held = replace(held, bulletin=news, signed_bulletin=signed_bulletin)
    except (signed.SignatureError, fields.ObjectError):
        refused += 1
    return held, refused


def _door(row: object) -> Door | None:
    """A door record; None for a protocol that this phone does not speak."""
    if get(row, "protocol", int) != PROTOCOL:
        return None
    lock_key, radio_key = (
        decode(get(row, "lock_key", str)),
        decode(get(row, "radio_key", str)),
    )
    if (len(lock_key), len(radio_key)) != (32, 16):
        raise AnswerError(_MALFORMED)
    return Door(
        DoorRecord(identifier(row, "installation"), lock_key, radio_key),
        get(row, "kind", str),
        get(row, "label", str),
        get(row, "address", str),
    )


def _grant(row: object, keys: keyset.KeySet, phone_x: bytes) -> HeldGrant:
    data = decode(get(row, "grant", str))
    grant = grants.verify(data, keys)
    if grant.phone != phone_x or grant.installation != identifier(row, "installation"):
        raise fields.ObjectError("a grant for another phone or door")
    return HeldGrant(
        data, grant.serial, grant.installation, grant.not_before, grant.not_after, grant.scope
    )


def _order(row: object, root: keyset.Root) -> tuple[bytes, bytes]:
    data = decode(get(row, "release", str))
    release = Release.read(data, root)
    if release.installation != identifier(row, "installation"):
        raise fields.ObjectError("a release of another lock")
    return release.installation, data


def _receipt(text: object, keys: keyset.KeySet) -> Receipt:
    data = decode(text)
    claimed = fields.record(signed.unverified_payload(data), (1, 2, 3, 4))
    installation = fields.identifier(claimed[2], "the installation")
    receipt = delivery.open_receipt(data, keys, installation=installation)
    return Receipt(installation, receipt.number, data)
