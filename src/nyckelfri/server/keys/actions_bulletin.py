"""The bulletin: what is revoked, and what time it is.

House rules: numbers only rise, whatever the machine's clock does; one number is one
signed object. Nothing is signed by a database that is older than what locks have heard.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

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


class _Last(NamedTuple):
    """The last bulletin of an epoch (-1 and nothing before the first), and what is revoked."""

    issued: int
    data: bytes
    revoked: list[Row]

    def lists(self, at: int) -> tuple[frozenset[bytes], frozenset[bytes]]:
        """What is revoked and has not expired at `at`, not before it was read: phones, serials."""
        phones, serials = set[bytes](), set[bytes]()
        for kind, value, until in self.revoked:
            if until > _moment(at):
                (phones if kind == Revocation.Kind.PHONE else serials).add(value)
        return frozenset(phones), frozenset(serials)

    def says(self, phones: frozenset[bytes], serials: frozenset[bytes]) -> bool:
        """Whether this is what it lists."""
        if not self.data:
            return False
        said = watermark.content(self.data)
        return (said.phones, said.serials) == (phones, serials)


def _still_good(now: datetime) -> bytes | None:
    last = _last(queries.key_set(), now)
    # Where the clock was set back, what it lists holds from its own time on.
    at = max(int(now.timestamp()), last.issued)
    fresh = at - last.issued < REFRESH and last.says(*last.lists(at))
    return last.data if fresh else None


def require_ready(now: datetime) -> None:
    """NotReadyError, which says what to do, while this server may not or cannot sign."""
    key_set = queries.key_set()
    for purpose in (Purpose.GRANT, Purpose.BULLETIN, Purpose.RECEIPT):
        queries.our_signer().kid(purpose, key_set)
    _last(key_set, now)


def _issue(now: datetime) -> bytes:
    key_set = queries.key_set()
    last = _last(key_set, now)
    issued = max(int(now.timestamp()), last.issued + 1)
    phones, serials = last.lists(issued)
    content = Bulletin(key_set.municipality, key_set.epoch, issued, phones, serials)
    data = queries.our_signer().bulletin(content, key_set)
    if last.says(phones, serials):
        same = IssuedBulletin.objects.filter(epoch=key_set.epoch, issued=last.issued)
        same.update(issued=issued, data=data)
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


def _last(key_set: KeySet, now: datetime) -> _Last:
    """Find the last bulletin of this epoch; NotReadyError if a higher one is out there."""
    # The file first: what it names was committed before, so the database must know it.
    mark = watermark.read(queries.directory())
    at = _moment(int(now.timestamp()))
    rows, revoked = ask(_newest, _revoked, epoch=key_set.epoch, at=at)
    issued, data = rows[0] if rows else (-1, b"")
    _require_not_older(key_set, issued, mark)
    return _Last(issued, data, revoked)


@Question
def _newest() -> Values:
    """Ask for the last bulletin of an `epoch`."""
    rows = IssuedBulletin.objects.filter(epoch=Blank("epoch"))
    return rows.order_by("-issued").values_list("issued", "data")[:1]


@Question
def _revoked() -> Values:
    """Ask for what is revoked and has not expired `at` a moment."""
    rows = Revocation.objects.filter(until__gt=Blank("at")).order_by()
    return rows.values_list("kind", "value", "until")


def _require_not_older(key_set: KeySet, issued: int, mark: Bulletin | None) -> None:
    if mark is not None and mark.number > (key_set.epoch, issued):
        raise NotReadyError(
            "This database is older than the last bulletin, so a backup was restored: run "
            "`nyckelfri server request --new-epoch`, have it signed with `nyckelfri root sign`, "
            "and install it; until then no access is given"
        )


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
