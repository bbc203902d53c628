"""What is in force: root, key set, keys, grants.

House rules: reads only. What is missing is a NotReadyError that says what to do,
so that nothing is answered by guessing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet

from nyckelfri.door import keyset
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.keyset import KeySet, Purpose, Root
from nyckelfri.server.keys import signer, watermark
from nyckelfri.server.keys.errors import NotReadyError
from nyckelfri.server.keys.models import Issued, IssuedBulletin, PinnedRoot, SignedKeySet
from nyckelfri.server.keys.signer import Signer
from nyckelfri.server.questions import Question, Values, ask


def directory() -> Path:
    """Where the private keys and the watermark are."""
    return Path(settings.DATA) / "keys"


def our_signer() -> Signer:
    """Give this server's signer."""
    return signer.of(directory())


def root() -> Root:
    """Give the pinned root."""
    row = PinnedRoot.objects.first()
    if row is None:
        raise NotReadyError("The server has no root yet: run `nyckelfri server init --root FILE`")
    return Root.read(bytes(row.data))


def signed_key_set() -> SignedKeySet:
    """Give the key set in force, as it was signed."""
    row = SignedKeySet.objects.last()
    if row is None:
        raise NotReadyError(
            "No key set is installed: have the request signed with `nyckelfri root sign`, "
            "then run `nyckelfri server install-key-set FILE`"
        )
    return row


def key_set() -> KeySet:
    """Give the key set in force, verified against the pinned root."""
    roots, sets = ask(_pinned, _in_force)
    if not roots or not sets:
        return _verified(bytes(signed_key_set().data), root().encoded)  # which say what to do
    return _verified(sets[0][0], roots[0][0])


@Question
def _pinned() -> Values:
    return PinnedRoot.objects.order_by("pk").values_list("data")[:1]


@Question
def _in_force() -> Values:
    return SignedKeySet.objects.order_by("-number").values_list("data")[:1]


class _Set(NamedTuple):
    """A key set, `data` as it was signed where it was asked for."""

    number: int
    epoch: int
    installed_at: datetime
    data: bytes = b""


@Question
def _sets() -> Values:
    return SignedKeySet.objects.order_by().values_list(*_Set._fields)


def _rises(sets: Iterable[_Set]) -> list[tuple[_Set, _Set]]:
    """Where an epoch began, newest first: its first key set, and the last of the one before."""
    newest_first = sorted(sets, reverse=True)
    return [(new, old) for new, old in pairwise(newest_first) if new.epoch > old.epoch]


def epoch_began() -> datetime | None:
    """When the epoch in force began; None where there has been no other."""
    rows = SignedKeySet.objects.order_by().values_list("number", "epoch", "installed_at")
    rises = _rises(_Set(*row) for row in rows)
    return rises[0][0].installed_at if rises else None


class Epochs(NamedTuple):
    """When the epoch in force began; when one last began with no grant key from before.

    The latter is so after a restore. None where there has been no such.
    """

    began: datetime | None
    anew: datetime | None


def epochs() -> Epochs:
    """Read both, by one question."""
    pinned, sets = ask(_pinned, _sets)
    rises = _rises(map(_Set._make, sets))
    if not rises:
        return Epochs(None, None)

    def keys_of(row: _Set) -> set[bytes]:
        return grant_keys(_verified(row.data, pinned[0][0]))

    anew = (new.installed_at for new, old in rises if not keys_of(new) & keys_of(old))
    return Epochs(rises[0][0].installed_at, next(anew, None))


def grant_keys(key_set: KeySet) -> set[bytes]:
    """The grant keys of a set, as points."""
    return {key.point for key in key_set.keys if key.purpose is Purpose.GRANT}


def forgotten_bulletin() -> Bulletin | None:
    """Find the bulletin that left this server and is higher than any in the database.

    NotReadyError where the file that says so is damaged.
    """
    said = watermark.read(directory())
    last = IssuedBulletin.objects.last()
    if said is None or (last is not None and said.number <= (last.epoch, last.issued)):
        return None
    return said


def live(now: datetime) -> QuerySet[Issued]:
    """Grants that could still open a door at `now` or later."""
    return Issued.objects.filter(revoked_at=None, not_after__gt=now)


@lru_cache(maxsize=8)
def _verified(data: bytes, pinned: bytes) -> KeySet:
    return keyset.read(data, Root.read(pinned))
