"""A door to measure at: a municipality's keys, a commissioned unit's store, a grant, processes.

House rule: nothing here is measured. Keys are fresh in each run and protect nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import grants, signed
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.clock import Mark
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.grants import Grant
from nyckelfri.door.keyset import Key, KeySet, Purpose, Root
from nyckelfri.door.opening import DoorRecord
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_state import Factory, Identity, SavedClock

HOUR: Final = 3600
READY_WITHIN: Final = 15.0
"""Seconds that a process may take to start."""


@dataclass(frozen=True)
class Door:
    """What phone and unit hold; `grant` is good for `now` and hours after it."""

    record: DoorRecord
    grant: bytes = field(repr=False)
    phone: ec.EllipticCurvePrivateKey = field(repr=False)
    lock: ec.EllipticCurvePrivateKey = field(repr=False)
    issuer: ec.EllipticCurvePrivateKey = field(repr=False)
    """The key that signed the grant."""


def make_door(store: Path, *, now: int) -> Door:
    """A commissioned thumb-turn's store at `store`, and a phone that may open there."""
    holder, issuer, announcer, sealer, lock, signer, phone = (_key() for _ in range(7))
    root = Root(1, (signed.compressed(holder.public_key()),))
    keys = (
        (b"\x01", Purpose.GRANT, issuer),
        (b"\x02", Purpose.BULLETIN, announcer),
        (b"\x04", Purpose.SEALING, sealer),
    )
    key_set = KeySet(
        municipality=root.municipality,
        number=1,
        epoch=1,
        issued=now - HOUR,
        keys=tuple(Key(kid, use, signed.compressed(key.public_key())) for kid, use, key in keys),
    )
    revoked = frozenset(os.urandom(8) for _ in range(20))
    bulletin = Bulletin(root.municipality, 1, now - HOUR, revoked, revoked)
    grant = Grant(
        subject=os.urandom(8),
        installation=os.urandom(8),
        not_before=now - HOUR,
        not_after=now + 8 * HOUR,
        issued=now - HOUR,
        serial=os.urandom(8),
        phone=signed.coordinate(phone.public_key()),
        scope=grants.CARE,
    )
    identity = Identity(
        root=root.encoded,
        installation=grant.installation,
        dh_key=_scalar(lock),
        signing_key=_scalar(signer),
        radio_key=os.urandom(16),
        release_nonce=os.urandom(16),
        threshold=-70,
    )
    with Store.create(store, Factory(Kind.THUMB_TURN, _scalar(_key()), os.urandom(16))) as unit:
        unit.commission(
            identity,
            key_set=(key_set.number, key_set.payload),
            bulletin=bulletin.payload,
            clock=SavedClock(now - HOUR, now - 60, Mark.SET),
        )
    lock_x = signed.coordinate(lock.public_key())
    return Door(
        DoorRecord(grant.installation, lock_x, identity.radio_key),
        grants.mint(grant, key=issuer, kid=b"\x01"),
        phone,
        lock,
        issuer,
    )


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _scalar(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_numbers().private_value.to_bytes(32, "big")


class Process:
    """A program of ours that runs beside this one and says JSON lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    async def says(self) -> dict[str, Any]:
        """Its next line; TimeoutError, or EOFError when it has ended."""
        assert self._process.stdout is not None  # noqa: S101 - asked for below
        async with asyncio.timeout(READY_WITHIN):
            line = await self._process.stdout.readline()
        if not line:
            raise EOFError("the process has ended: see what it wrote above")
        said: dict[str, Any] = json.loads(line)
        return said

    async def end(self) -> None:
        """Ask it to stop, and wait."""
        if self._process.returncode is None:
            self._process.terminate()
        await self._process.wait()


@asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[Process]:
    """`python -m …`, under the machine's own clock."""
    environment = {k: v for k, v in os.environ.items() if k != "NYCKELFRI_CLOCK"}
    process = Process(
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *arguments),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
    )
    try:
        yield process
    finally:
        await process.end()
