"""The references of an opening: its bare cryptography, one synced write, bare GATT round trips.

House rules: straight calls to the same libraries, without a check, a type or a format around them.
What can be warm is warm, which an opening's own code is not: a reference is taken at its best.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from bumble.device import Device, Peer
from bumble.hci import Address
from bumble.transport import open_transport
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench import peer
from nyckelfri.radio.bluetooth import power_on

MTU: Final = 517
_CURVE: Final = ec.SECP256R1()
_ECDH, _SHA256, _ES256 = ec.ECDH(), SHA256(), ec.ECDSA(SHA256())
# Of the sizes that an opening has; what they hold does not matter.
_GRANT, _PLAINTEXT_3, _AAD, _INFO = bytes(172), bytes(195), bytes(45), bytes(40)


class Cryptography:
    """Every primitive call of both sides between message 1's first byte and the motor.

    Not among them: the phone's ephemeral key, made before that byte, and message 4.
    """

    def __init__(self) -> None:
        self._ephemeral, self._phone, self._lock, issuer = (
            ec.generate_private_key(_CURVE) for _ in range(4)
        )
        self._g_x, self._g_y = b"\x02" + _x(self._ephemeral), b"\x02" + _x(issuer)
        self._phone_point, self._lock_point = self._phone.public_key(), self._lock.public_key()
        self._issuer = issuer.public_key()
        self._signature = issuer.sign(_GRANT, _ES256)

    def seconds(self) -> float:
        """One opening's worth, right after another one that is not counted."""
        self._all()
        start = time.perf_counter()
        self._all()
        return time.perf_counter() - start

    def _all(self) -> None:
        self._lock_message_2()
        self._lock_decides(self._phone_message_3())

    def _lock_message_2(self) -> None:
        g_x = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, self._g_x)
        ephemeral = ec.generate_private_key(_CURVE)
        _x(ephemeral)
        _hashes(37, 71)
        _mix_and_mac(ephemeral.exchange(_ECDH, g_x), self._lock.exchange(_ECDH, g_x))
        _hashes(150)

    def _phone_message_3(self) -> bytes:
        g_y = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, self._g_y)
        _hashes(37, 71)
        mixed = _mix_and_mac(
            self._ephemeral.exchange(_ECDH, g_y), self._ephemeral.exchange(_ECDH, self._lock_point)
        )
        _mix_and_mac(self._phone.exchange(_ECDH, g_y))
        key, nonce = _expand(mixed, 16), _expand(mixed, 13)
        sealed = AESCCM(key, tag_length=16).encrypt(nonce, _PLAINTEXT_3, _AAD)
        _hashes(405)
        return key + nonce + sealed

    def _lock_decides(self, message: bytes) -> None:
        key, nonce = message[:16], message[16:29]
        _expand(key, 16)
        _expand(key, 13)
        AESCCM(key, tag_length=16).decrypt(nonce, message[29:], _AAD)
        self._issuer.verify(self._signature, _GRANT, _ES256)
        _mix_and_mac(self._lock.exchange(_ECDH, self._phone_point))
        _hashes(405, 76, 64)


def _x(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)[1:]


def _hashes(*sizes: int) -> None:
    for size in sizes:
        hashlib.sha256(_PLAINTEXT_3[:size]).digest()


def _expand(key: bytes, size: int) -> bytes:
    return HKDFExpand(_SHA256, size, _INFO).derive(key)


def _mix_and_mac(secret: bytes, second: bytes | None = None) -> bytes:
    """HKDF from shared secrets to a MAC; with two, as up to message 2, a keystream between."""
    mixed = hmac.digest(_AAD, secret, "sha256")
    if second is not None:
        _expand(mixed, 18)
        mixed = hmac.digest(_expand(mixed, 32), second, "sha256")
    _expand(mixed, 16)
    return mixed


class SyncedWrite:
    """An intent's bytes into a file that has its full size already, and fdatasync.

    The cheapest synced write there is: about half of a SQLite commit of one row (WAL, FULL).
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._file = os.open(folder / "reference", os.O_CREAT | os.O_WRONLY, 0o600)
        os.write(self._file, bytes(size))
        os.fsync(self._file)
        self._body = os.urandom(size)

    def seconds(self) -> float:
        """One write, on the disk when it ends."""
        start = time.perf_counter()
        os.pwrite(self._file, self._body, 0)
        os.fdatasync(self._file)
        return time.perf_counter() - start

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


class Gatt:
    """A plain Bumble central on a link to `bench.peer`: writes, and waits for notifications."""

    def __init__(self, write: Any) -> None:
        self._write = write
        self._heard: asyncio.Future[bytes]

    def heard(self, value: bytes) -> None:
        """Take a notification."""
        self._heard.set_result(value)

    async def seconds(self) -> float:
        """The round trips of an opening, right after others that are not counted."""
        await self._all()
        start = time.perf_counter()
        await self._all()
        return time.perf_counter() - start

    async def _all(self) -> None:
        for size in peer.ANSWERS:
            self._heard = asyncio.get_running_loop().create_future()
            await self._write.write_value(bytes(size))
            await self._heard


@asynccontextmanager
async def gatt(transport: str) -> AsyncIterator[Gatt]:
    """A link to `bench.peer` over the radio behind a Bumble transport name."""
    async with await open_transport(transport) as radio:
        device: Device = await power_on(radio, Address(peer.CENTRAL))
        connection = await device.connect(Address(peer.ADDRESS))
        found = Peer(connection)
        await found.request_mtu(MTU)
        await found.discover_services()
        await found.discover_characteristics()
        write, notify = (found.get_characteristics_by_uuid(uuid)[0] for uuid in peer.UUIDS)
        link = Gatt(write)
        await found.discover_descriptors(notify)
        await notify.subscribe(link.heard)
        yield link
        await connection.disconnect()
        await device.power_off()
