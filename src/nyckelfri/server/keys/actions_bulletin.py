"""The bulletin: what is revoked, and what time it is.

House rules: numbers only rise, whatever the machine's clock does; one number is one
signed object. Nothing is signed by a database that is older than what locks have heard.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import signed
from nyckelfri.door.bulletin import Bulletin, TimeToken
from nyckelfri.door.keyset import KeySet, Purpose
from nyckelfri.server import turns
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys import queries, watermark
from nyckelfri.server.keys.errors import NotReadyError
from nyckelfri.server.keys.models import IssuedBulletin, Revocation
from nyckelfri.server.turns import Turn

REFRESH = 60
"""Seconds after which an unchanged bulletin is signed anew, for the time in it."""


def current(now: datetime) -> bytes:
    """Give the bulletin of this moment, signed.

    Raises NotReadyError without keys or after a restored backup, BulletinFullError when
    more is revoked than a lock will take.
    """
    data = _still_good(now)
    if data is None:
        with transaction.atomic():
            turns.alone(Turn.KEYS)
            # Perhaps somebody has issued it while we waited.
            data = _still_good(now) or _issue(now)
    # After the commit and before anybody sees it.
    watermark.keep(queries.directory(), data)
    return data


def time_token(installation: bytes, nonce: bytes, now: datetime) -> bytes:
    """Sign the time in answer to the nonce of this installation's lock."""
    key_set = queries.key_set()
    token = TimeToken(key_set.municipality, installation, nonce, int(now.timestamp()))
    return queries.our_signer().time(token, key_set)


def _still_good(now: datetime) -> bytes | None:
    key_set = queries.key_set()
    last = _last(key_set)
    if last is None:
        return None
    said = _content(last)
    at = max(int(now.timestamp()), last.issued)
    fresh = at - last.issued < REFRESH and _lists(at) == (said.phones, said.serials)
    return bytes(last.data) if fresh else None


def require_ready() -> None:
    """NotReadyError, which says what to do, while this server may not or cannot sign."""
    key_set = queries.key_set()
    for purpose in (Purpose.GRANT, Purpose.BULLETIN, Purpose.RECEIPT):
        queries.our_signer().kid(purpose, key_set)
    _last(key_set)


def _issue(now: datetime) -> bytes:
    key_set = queries.key_set()
    last = _last(key_set)
    issued = int(now.timestamp())
    if last is not None:
        issued = max(issued, last.issued + 1)
    phones, serials = _lists(issued)
    content = Bulletin(key_set.municipality, key_set.epoch, issued, phones, serials)
    data = queries.our_signer().bulletin(content, key_set)
    if last is not None and (said := _content(last)).serials == serials and said.phones == phones:
        last.issued, last.data = issued, data
        last.save(update_fields=["issued", "data"])
    else:
        IssuedBulletin.objects.create(
            epoch=key_set.epoch, issued=issued, first_issued=issued, data=data
        )
        deed = audit.Deed(
            Verb.BULLETIN_ISSUE,
            f"bulletin:{key_set.epoch}/{issued}",
            details={"phones": len(phones), "serials": len(serials)},
        )
        audit.record([deed], actor="system:bulletin", now=now)
    return data


def _last(key_set: KeySet) -> IssuedBulletin | None:
    """Find the last bulletin of this epoch; NotReadyError if a higher one is out there."""
    # The file first: what it names was committed before, so the database must know it.
    said = watermark.read(queries.directory())
    last = IssuedBulletin.objects.filter(epoch=key_set.epoch).last()
    known = (key_set.epoch, -1 if last is None else last.issued)
    if said is not None and said.number > known:
        raise NotReadyError(
            "This database is older than the last bulletin, so a backup was restored: run "
            "`nyckelfri server request --new-epoch`, have it signed with `nyckelfri root sign`, "
            "and install it; until then no access is given"
        )
    return last


def _content(row: IssuedBulletin) -> Bulletin:
    return bulletins.from_payload(signed.unverified_payload(bytes(row.data)))


def _lists(at: int) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """What is revoked and has not expired at `at`: phone keys, serials."""
    rows = Revocation.objects.filter(until__gt=datetime.fromtimestamp(at, UTC))
    found = list(rows.values_list("kind", "value"))
    return (
        frozenset(bytes(value) for kind, value in found if kind == Revocation.Kind.PHONE),
        frozenset(bytes(value) for kind, value in found if kind == Revocation.Kind.GRANT),
    )
