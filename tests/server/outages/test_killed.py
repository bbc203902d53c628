"""kill -9 between any two steps of what the server does for a phone, on a real database.

Each process is a real one, and so is its end; after it another one is asked the same again.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from carerworld import Carer, said
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys import actions_bulletin, actions_revoke, queries, watermark
from nyckelfri.server.keys.models import Issued, IssuedBulletin, Revocation
from nyckelfri.server.people.models import Phone, PhoneState
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.phones.models import PersonalSession
from outageworld import all_hangs_together, killed_at
from serverworld import Handset

pytestmark = pytest.mark.threat(42)


def test_sync_that_is_killed_anywhere_loses_nothing_doubles_nothing_and_gives_nothing_unknown(
    carer: Carer,
) -> None:
    """The journal, what phone and staff noted, grants, bulletin and receipts, in one sync."""
    steps = set()
    for step in itertools.count():
        carer.work()
        ended = killed_at(step, carer.sync)
        steps.add(ended.step)
        if not ended.killed:
            carer.take(ended.answer)
        carer.take(carer.sync())
        all_hangs_together()
        if not ended.killed:
            break
    assert step > 15
    assert {"before _commit", "after _commit", "before write", "after write"} <= steps
    carer.is_home_once()
    serials = sorted(serial.hex() for serial in _serials())
    assert len(serials) == len(set(serials))
    named = AuditEvent.objects.filter(verb=Verb.GRANT_ISSUE).values_list("details", flat=True)
    assert sorted(serial for each in named for serial in each["serials"]) == serials


def test_block_that_is_killed_anywhere_is_done_whole_or_not_at_all(
    carer: Carer, keys: Any, alices_phone: Handset, settings: Settings
) -> None:
    """Never a phone that is blocked and still holds a session, or whose key no bulletin names.

    Nor one of whose block device management would never hear.
    """
    settings.PHONE_HOOK = "/nowhere/program"
    row = alices_phone.row
    thumbprint = row.thumbprint

    def whole() -> bool:
        now = Phone.objects.get(pk=row.pk)
        named = Revocation.objects.filter(kind=Revocation.Kind.PHONE, value=thumbprint).exists()
        closed = not PersonalSession.objects.filter(phone=row, closed_at=None).exists()
        noted = AuditEvent.objects.filter(verb=Verb.PHONE_BLOCK).exists()
        told = DBTaskResult.objects.exists()
        (is_blocked,) = {now.state == PhoneState.BLOCKED, named, closed, noted, told}
        return is_blocked

    def block() -> str:
        return str(phones.block(row, reason="lost", actor="test", now=carer.now).state)

    for step in itertools.count():
        ended = killed_at(step, block)
        if whole() or not ended.killed:
            break
    assert step > 5
    assert block() == PhoneState.BLOCKED
    assert whole()
    assert AuditEvent.objects.filter(verb=Verb.PHONE_BLOCK).count() == 1
    assert DBTaskResult.objects.count() == 1
    all_hangs_together()
    assert thumbprint in said(actions_bulletin.current(carer.now)).phones


def test_revocation_that_is_killed_anywhere_is_in_the_bulletin_or_the_grant_still_counts(
    carer: Carer, keys: Any
) -> None:
    """Whoever asked was not answered, and asks again: it is then done once."""

    def revoke() -> bool:
        actions_revoke.revoke(serial, reason="lost", actor="test", now=carer.now)
        return True

    serial = b""
    for step in itertools.count():
        carer.work()
        carer.take(carer.sync())
        grant = queries.live(carer.now).latest("pk")
        serial = bytes(grant.serial)
        ended = killed_at(step, revoke)
        grant.refresh_from_db()
        named = Revocation.objects.filter(kind=Revocation.Kind.GRANT, value=serial).exists()
        assert (grant.revoked_at is not None) is named
        revoke()
        about = AuditEvent.objects.filter(object_id=f"grant:{serial.hex()}")
        assert about.filter(verb=Verb.GRANT_REVOKE).count() == 1
        assert serial in said(actions_bulletin.current(carer.now)).serials
        if not ended.killed:
            break
    assert step > 5
    all_hangs_together()


def test_bulletin_that_is_killed_anywhere_is_never_ahead_of_the_database(
    carer: Carer, keys: Any
) -> None:
    """Before it is shown it is noted, before it is noted it is committed; no number comes twice."""
    seen: dict[Any, bytes] = {}

    def ask() -> bool:
        return bool(actions_bulletin.current(carer.now))

    for step in itertools.count():
        carer.work()
        carer.take(carer.sync())
        carer.lose_access()
        ended = killed_at(step, ask)
        all_hangs_together()
        data = actions_bulletin.current(carer.now)
        content = said(data)
        assert seen.setdefault(content.number, data) == data
        assert watermark.read(queries.directory()) == content
        assert (
            IssuedBulletin.objects.filter(epoch=content.epoch, issued=content.issued).count() == 1
        )
        if not ended.killed:
            break
    assert step > 5


def _serials() -> list[bytes]:
    return [bytes(serial) for serial in Issued.objects.values_list("serial", flat=True)]
