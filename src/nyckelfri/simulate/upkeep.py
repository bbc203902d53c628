"""What whoever runs the server of a simulated town does at a terminal: keys, copies, restores.

House rules: only what docs/subsystems/keys.md and audit.md tell an operator to do, by the actions
behind those commands; the holders of the root sign what they are shown. The one exception is
`spoil`, which is an intruder's. Needs Django set up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from nyckelfri.door.keyset import KeySet, Purpose
from nyckelfri.door.opening import DoorRecord
from nyckelfri.server.audit import actions_keep, comparing, verify, witness
from nyckelfri.server.audit import copies as segments
from nyckelfri.server.audit.models import AuditLink
from nyckelfri.server.audit.verify import Fault
from nyckelfri.server.keys import actions_issue, actions_keyset, queries, watermark
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.visits import queries as visits
from nyckelfri.simulate.changes import Change
from nyckelfri.simulate.office import Answer
from nyckelfri.simulate.registry import ACTOR
from nyckelfri.simulate.root import Holders

_WHY = "backup restored"


def in_force() -> KeySet:
    """The key set that the server works by."""
    return queries.key_set()


def rotate(
    holders: Holders, new: Sequence[Purpose], drop: Sequence[bytes], now: datetime
) -> KeySet:
    """Have new keys signed, and old ones dropped."""
    asked = actions_keyset.request(new=new, drop=drop, actor=ACTOR, now=now)
    return actions_keyset.install(holders.sign(asked), actor=ACTOR, now=now)


def begin_anew(holders: Holders, now: datetime) -> KeySet:
    """After a restored backup: a new epoch; the log says that its tail is gone."""
    asked = actions_keyset.request(new_epoch=True, actor=ACTOR, now=now)
    done = actions_keyset.install(holders.sign(asked), actor=ACTOR, now=now)
    actions_keep.accept(reason=_WHY, actor=ACTOR, now=now)
    return done


def made_up_for(change: Change, now: float) -> Answer:
    """A change that is stored, and whose grants had not been taken back when the server died.

    In the field that is done by what comes round, within a quarter of an hour; here at once.
    """
    actions_issue.withdraw(datetime.fromtimestamp(now, UTC))
    return Answer(replace(change, at=now), done=True)


def named_by_the_last_bulletin() -> frozenset[bytes]:
    """Thumbprints of the phones that the highest bulletin that ever left names."""
    said = watermark.read(queries.directory())
    return frozenset() if said is None else said.phones


def is_behind() -> bool:
    """Whether a bulletin has left that is higher than any that the database knows."""
    return queries.forgotten_bulletin() is not None


def open_again(thumbprints: frozenset[bytes]) -> list[str]:
    """Labels of those of these phones that the database does not hold for blocked."""
    rows = Phone.objects.filter(thumbprint__in=thumbprints).exclude(state=PhoneState.BLOCKED)
    return list(rows.order_by("label").values_list("label", flat=True))


def is_blocked(label: str) -> bool:
    """Whether the server holds this phone for blocked; one that it does not know gets nothing."""
    row = Phone.objects.filter(label=label).first()
    return row is None or row.state == PhoneState.BLOCKED


def knows(label: str, thumbprint: bytes) -> bool:
    """Whether the server knows this phone by the key that it has."""
    return Phone.objects.filter(label=label, thumbprint=thumbprint).exists()


def invite_again(label: str, holder: str, now: datetime) -> str:
    """A code for a phone that the database has forgotten, or knows by an older key."""
    carer = Employee.objects.get(number=holder)
    phone = Phone.objects.filter(label=label).first()
    if phone is None:
        phone = phones.register(label=label, holder=carer, actor=ACTOR, now=now)
    elif phone.state == PhoneState.ENROLLED:
        phone = phones.take_back(phone, reason=_WHY, actor=ACTOR, now=now)
        phone = phones.hand_over(phone, carer, reason=_WHY, actor=ACTOR, now=now)
    return phones.invite(phone, actor=ACTOR, now=now)


def door(lock: str) -> DoorRecord:
    """What phones are told of a lock in service."""
    row = Installation.objects.get(lock_unit__external_id=lock, retired_at=None)
    return DoorRecord(bytes(row.identifier), bytes(row.lock_key_x), bytes(row.radio_key))


def copies() -> Path:
    """Where copies of the log go."""
    found = settings.COPIES
    assert found is not None  # noqa: S101 - `server.set_up` has said where
    return found


def copied(directory: Path) -> dict[str, int]:
    """The highest number of each kind of rows that these copies hold."""
    found = segments.segments(directory)
    header, _ = segments.read(found[-1])
    highest: dict[str, int] = {}
    for name, number in header.through.items():
        kind = name.partition("/")[0]
        highest[kind] = max(number, highest.get(kind, 0))
    return highest


def logged() -> int:
    """The number of the newest row of the audit log."""
    newest = AuditLink.objects.order_by("number").last()
    return 0 if newest is None else newest.number


def copy_to(directory: Path) -> None:
    """Let copies go to another directory from now on: the old ones are of another log."""
    directory.mkdir(exist_ok=True)
    settings.COPIES = directory


def differences(directory: Path, now: datetime) -> dict[str, str]:
    """What these copies say of the database: by kind the first thing that lacks or differs."""
    return comparing.compare(directory, now).differences


def spoil() -> None:
    """An intruder makes journals unreadable, and the log say nothing of who did what."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_auditevent_stays")
        cursor.execute("UPDATE visits_storedentry SET body = leaf")
        cursor.execute("UPDATE audit_auditevent SET actor = 'x'")


def fault_of_the_log() -> Fault | None:
    """The first row of the audit log that does not hold, by the chain and the server's own note."""
    held = witness.read()
    return verify.prove([] if held is None else [held]).fault


def shown() -> list[tuple[str, str | None, int, int]]:
    """What waits for an operator or has been dealt with: reason, lock, first and last entry."""
    return [
        (
            row.reason,
            None if row.installation is None else row.installation.lock_unit.external_id,
            row.first or 0,
            row.last or 0,
        )
        for row in visits.kept()
    ]
