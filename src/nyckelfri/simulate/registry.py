"""What a simulated town asks of the server's own actions, where a page or a terminal would.

House rules: a face like any other: it calls actions and queries and changes nothing itself. Needs
Django set up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db.models import Max

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import keyset
from nyckelfri.door.grants import Command
from nyckelfri.phone.values import Trusted
from nyckelfri.server import start
from nyckelfri.server.access import exposure as exposures
from nyckelfri.server.importer import words
from nyckelfri.server.importer.actions import import_files
from nyckelfri.server.importer.messages import Language
from nyckelfri.server.jobs import rounds as jobs
from nyckelfri.server.keys import actions_bulletin, actions_keyset, queries
from nyckelfri.server.locks import actions_commission, actions_labels
from nyckelfri.server.people.models import Employee, Phone, User
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.phones.queries import is_employed
from nyckelfri.server.visits import actions as visits
from nyckelfri.server.visits.models import DoorEvent, StoredEntry
from nyckelfri.simulate.chips import Written
from nyckelfri.simulate.ledger import Exposed, Exposure
from nyckelfri.simulate.office import Office
from nyckelfri.simulate.root import Holders
from nyckelfri.simulate.town import TownError

ACTOR = "system:simulation"
_SELDOM: Final = ("visits", "statistics", "withdraw")
_ROUNDS: Final = tuple(
    replace(each, every=timedelta(hours=6)) if each.name in _SELDOM else each
    for each in jobs.ROUNDS
)
"""What comes round by itself; what nobody waits for seldomer, since it was a third of all time.

Whatever ends access withdraws at once; the round is for a policy that begins at midnight.
"""


def bring_in(folder: Path, now: datetime) -> None:
    """Make the tables, and the files the register. TownError names the first faults."""
    start.bring_tables_up_to_date()
    report = import_files(folder, actor=ACTOR, now=now, accept_withdrawals=True)
    if report.faults:
        first = [fault.as_json(Language.ENGLISH) for fault in report.faults[:3]]
        raise TownError(f"the files do not import ({len(report.faults)} faults): {first}")


def put_in_force(holders: Holders, now: datetime) -> None:
    """Pin the root and put the first key set in force."""
    actions_keyset.pin_root(holders.root.encoded, actor=ACTOR, now=now)
    asked = actions_keyset.request(new=actions_keyset.PURPOSES, actor=ACTOR, now=now)
    actions_keyset.install(holders.sign(asked), actor=ACTOR, now=now)


def trusted(now: datetime) -> Trusted:
    """What a phone believes after a sync."""
    root = queries.root()
    key_set = bytes(queries.signed_key_set().data)
    keys = keyset.read(key_set, root)
    bulletin = actions_bulletin.current(now)
    return Trusted(root, keys, key_set, bulletins.read(bulletin, keys), bulletin)


def commission(lock: str, record: bytes, now: datetime) -> None:
    """Take a unit into service."""
    actions_commission.commission(lock, record, installer=None, actor=ACTOR, now=now)


def time_token(installation: bytes, nonce: bytes, now: datetime) -> bytes:
    """The time for a lock, signed."""
    return actions_bulletin.time_token(installation, nonce, now)


def write_labels(labels: Sequence[str], now: datetime) -> dict[str, Written]:
    """Give counting labels their chips; what was written to each."""
    found = {}
    for number, label in enumerate(labels, 1):
        uid = number.to_bytes(7)
        keys = actions_labels.assign_chip(label, uid, actor=ACTOR, now=now)
        found[label] = Written(uid, keys.meta, keys.file)
    return found


def services(words_of_files: Sequence[str]) -> list[str]:
    """Services as a phone names them."""
    return [words.SERVICES[each] for each in words_of_files]


def give_accounts(numbers: Sequence[str], password: str) -> None:
    """Let these employees sign in on phones, with their number and this password."""
    secret = make_password(password)  # once: it is slow on purpose
    for employee in Employee.objects.filter(number__in=numbers, user=None):
        employee.user = User.objects.create(username=employee.number, password=secret)
        employee.save(update_fields=["user"])


def new_phone(label: str, holder: str, now: datetime) -> str | None:
    """A phone for an employee, and the code to enrol it by; None for one who does not work yet."""
    employee = Employee.objects.get(number=holder)
    if not is_employed(employee, now):
        return None
    phone = phones.register(label=label, holder=employee, actor=ACTOR, now=now)
    return phones.invite(phone, actor=ACTOR, now=now)


def newest_entries() -> dict[str, int]:
    """The highest number of a stored entry, by lock."""
    rows = StoredEntry.objects.values_list("installation__lock_unit__external_id")
    return dict(rows.annotate(Max("number")).order_by())


def door_events() -> list[tuple[str, int, str, str | None, bool]]:
    """Every granted command: lock, number, what was asked (unlock, lock, service), by whom.

    And whether the lock says that it does not know what came of it.
    """
    names = {command.value: command.name.lower() for command in Command}
    rows = DoorEvent.objects.exclude(result=DoorEvent.Result.REFUSED).values_list(
        "installation__lock_unit__external_id", "number", "command", "employee__number", "result"
    )
    return [
        (lock, number, names[command], person, result == DoorEvent.Result.UNKNOWN)
        for lock, number, command, person, result in rows
    ]


def bring_home(batches: Sequence[bytes], now: datetime) -> None:
    """Take in batches that somebody carried home."""
    phone = Phone.objects.order_by("pk").first()
    if phone is not None:
        visits.ingest_all(batches, phone=phone, now=now)


def rounds(now: datetime) -> None:
    """Do what comes round by itself and is due."""
    for each in jobs.due(now, _ROUNDS):
        jobs.run(each, now)


def office(files: Path) -> Office:
    """The people of the office."""
    return Office(files)


def exposure(label: str, now: datetime) -> Exposure:
    """What the office is shown that a phone may still open."""
    found = exposures.exposure(Phone.objects.get(label=label), now)
    doors = {
        door.installation.lock_unit.external_id: Exposed(
            door.until.timestamp(), door.clock_in_doubt
        )
        for door in found.doors
    }
    others = found.forgotten.until.timestamp() if found.forgotten else 0.0
    return Exposure(doors, others, newest_entries())
