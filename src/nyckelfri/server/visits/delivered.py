"""What phones deliver, read: whose journal it is, and what it says once it is opened.

House rules: all that costs, done before anybody waits for anybody; writes nothing. What does
not hold is rejected with the reason why not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nyckelfri.door import delivery
from nyckelfri.door.delivery import Batch
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.sealing import SealError
from nyckelfri.door.signed import SignatureError
from nyckelfri.server.keys import queries as keys
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.visits.keep import Rejected
from nyckelfri.server.visits.models import Kept


@dataclass(frozen=True, slots=True)
class Delivered:
    """An opened batch of a lock of ours, and the bytes that it came as."""

    data: bytes
    installation: Installation
    batch: Batch

    def rejected(self, reason: Kept.Reason, number: int) -> Rejected:
        """It, not accepted for this reason; `number` is the entry that it turns on."""
        batch = self.batch
        return Rejected(
            reason,
            self.data,
            self.installation.identifier,
            self.installation,
            batch.first,
            number,
            batch.last,
            # The lock signs it anew for each phone, so its bytes differ.
            batch.first.to_bytes(8, "big") + batch.previous + batch.heads[-1],
        )


def read(batches: Sequence[bytes]) -> Iterator[Delivered | Rejected]:
    """What each batch is, in this order, opened when it is asked for."""
    claims = [_claimed(data) for data in batches]
    rows = Installation.objects.filter(identifier__in={claim for claim in claims if claim})
    locks = {bytes(row.identifier): row for row in rows}
    for data, claim in zip(batches, claims, strict=True):
        yield _read(data, claim, locks)


def _claimed(data: bytes) -> bytes | None:
    try:
        return delivery.claimed_installation(data)
    except (SignatureError, ObjectError):
        return None


def _read(
    data: bytes, claim: bytes | None, locks: Mapping[bytes, Installation]
) -> Delivered | Rejected:
    if claim is None:
        return Rejected(Kept.Reason.MALFORMED, data)
    installation = locks.get(claim)
    if installation is None:
        return Rejected(Kept.Reason.UNKNOWN_LOCK, data, claim)
    try:
        return opened(data, installation)
    except SignatureError:
        return Rejected(Kept.Reason.BAD_SIGNATURE, data, claim, installation)
    except SealError:
        return _unopened(data, installation)
    except ObjectError:
        return Rejected(Kept.Reason.MALFORMED, data, claim, installation)


def opened(data: bytes, installation: Installation) -> Delivered:
    """The batch of this lock in these bytes; SignatureError, SealError or ObjectError."""
    verified = delivery.verify_batch(
        data, key=installation.signing_key, installation=installation.identifier
    )
    batch = delivery.open_batch(verified, keys.our_signer().unwrap)
    return Delivered(data, installation, batch)


def _unopened(data: bytes, installation: Installation) -> Rejected:
    """What a lock has signed and none of our keys opens."""
    batch = delivery.claimed(data)
    return Rejected(
        Kept.Reason.UNOPENED,
        data,
        installation.identifier,
        installation,
        batch.first,
        batch.first,
        batch.last,
    )


def portions(
    found: Iterable[Delivered | Rejected], most: int
) -> Iterator[list[Delivered | Rejected]]:
    """In the same order, each with at most about `most` entries."""
    some: list[Delivered | Rejected] = []
    entries = 0
    for each in found:
        some.append(each)
        entries += len(each.batch.entries) if isinstance(each, Delivered) else 1
        if entries >= most:
            yield some
            some, entries = [], 0
    if some:
        yield some
