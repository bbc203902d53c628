"""The bulletin: what is revoked, and what time it is.

House rules: numbers only rise, whatever the machine's clock does; one number is one
signed object. Nothing is signed by a database that is older than what locks have heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction

from nyckelfri.door.bulletin import Bulletin, TimeToken
from nyckelfri.door.keyset import KeySet, Purpose
from nyckelfri.server import turns
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys import queries, watermark
from nyckelfri.server.keys.errors import NotReadyError
from nyckelfri.server.keys.models import IssuedBulletin, Revocation
from nyckelfri.server.questions import Blank, Question, Row, Values, ask
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
    # Its file first, as in `_last`.
    mark = watermark.read(queries.directory())
    at = int(now.timestamp())
    rows, revoked = ask(_newest, _revoked, epoch=key_set.epoch, at=_moment(at))
    issued, data = rows[0] if rows else (-1, b"")
    _require_not_older(key_set, issued, mark)
    if not data or at - issued >= REFRESH:
        return None
    if at < issued:  # the clock was set back: what it lists holds from then on
        (revoked,) = ask(_revoked, at=_moment(issued))
    said = watermark.content(data)
    return data if _by_kind(revoked) == (said.phones, said.serials) else None


@Question
def _newest() -> Values:
    """Ask for the last bulletin of an `epoch`."""
    rows = IssuedBulletin.objects.filter(epoch=Blank("epoch"))
    return rows.order_by("-issued").values_list("issued", "data")[:1]


@Question
def _revoked() -> Values:
    """Ask for what is revoked and has not expired `at` a moment."""
    return Revocation.objects.filter(until__gt=Blank("at")).order_by().values_list("kind", "value")


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
    said = None if last is None else watermark.content(bytes(last.data))
    if last is not None and said is not None and (said.phones, said.serials) == (phones, serials):
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
    mark = watermark.read(queries.directory())
    last = IssuedBulletin.objects.filter(epoch=key_set.epoch).last()
    _require_not_older(key_set, -1 if last is None else last.issued, mark)
    return last


def _require_not_older(key_set: KeySet, issued: int, mark: Bulletin | None) -> None:
    if mark is not None and mark.number > (key_set.epoch, issued):
        raise NotReadyError(
            "This database is older than the last bulletin, so a backup was restored: run "
            "`nyckelfri server request --new-epoch`, have it signed with `nyckelfri root sign`, "
            "and install it; until then no access is given"
        )


def _lists(at: int) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """What is revoked and has not expired at `at`: phone keys, serials."""
    (rows,) = ask(_revoked, at=_moment(at))
    return _by_kind(rows)


def _by_kind(rows: Iterable[Row]) -> tuple[frozenset[bytes], frozenset[bytes]]:
    phones, serials = set[bytes](), set[bytes]()
    for kind, value in rows:
        (phones if kind == Revocation.Kind.PHONE else serials).add(value)
    return frozenset(phones), frozenset(serials)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
