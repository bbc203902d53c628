"""Björkvik on a Monday morning, with phones, journals and trouble, in a data directory.

House rules: run as a program (`python -m webtown build DIRECTORY`), since a browser's server
has a database of its own; everything is done by the project's own actions at `MOMENT`.
`python -m webtown facts DIRECTORY` logs one of each role in and writes JSON: `sessions` (role,
cookie) and `examples` (name of an address, the numbers in it).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import webdecided
import webexamples
import webinvoiced
import webpaid
import webreviewed

MOMENT: Final = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
"""Monday 23 November 2026, half past nine in Sweden."""
CLOCK: Final = f"{MOMENT.timestamp():.0f}@0*0"
ROLES: Final = "roles.json"
PROTECTED: Final = "B0001"
COMPANY: Final = "company"
"""A planner who sees one company only; the other sessions are called by their role."""


def build(directory: Path) -> None:
    """Fill `directory`; call it in a process that has loaded no Django yet."""
    _set_up(directory)
    import nyckelfri.demo
    from nyckelfri.server.importer.actions import import_files
    from nyckelfri.server.visits import actions_judge

    files = Path(nyckelfri.demo.__file__).parent / "data" / "bjorkvik"
    report = import_files(files, actor="system:import", now=MOMENT - timedelta(days=7))
    if not report.stored:
        raise SystemExit(f"Björkvik does not go in: {report.faults[:3]}")
    roles = _staff()
    _openings()
    actions_judge.judge_waiting()
    _trouble()
    _entered()
    webdecided.decide(MOMENT)
    webinvoiced.invoice(MOMENT)
    _measured()
    webreviewed.review(MOMENT)
    webpaid.pay(MOMENT)
    _import(files / "personal.csv")
    (directory / ROLES).write_text(json.dumps(roles), encoding="ascii")


def facts(directory: Path) -> dict[str, Any]:
    """Log one of each role in, past the page for it, and find examples."""
    _set_up(directory)
    from nyckelfri.server.people.models import User

    roles = json.loads((directory / ROLES).read_text(encoding="ascii"))
    found = {role: _session(User.objects.get(username=name)) for role, name in roles.items()}
    return {"sessions": found, "examples": webexamples.examples()}


def _set_up(directory: Path) -> None:
    os.environ |= {"NYCKELFRI_DATA": str(directory), "NYCKELFRI_CLOCK": CLOCK}
    from nyckelfri.server import start

    start.set_up()
    start.bring_tables_up_to_date()


def _staff() -> dict[str, str]:
    """A login for each role that has business in the console: role, user name."""
    from nyckelfri.server.access.permissions import OF_ROLE
    from nyckelfri.server.homes.models import CareTeam
    from nyckelfri.server.people.models import Employee

    company = CareTeam.objects.exclude(provider__kind="municipal").order_by("external_id")[0]
    found = {}
    for at, role in enumerate(OF_ROLE):
        employee = Employee.objects.filter(role=role, care_team=None, user=None).first()
        team = company if role == "provider_manager" else None
        if employee is None or team is not None:
            employee = _employed(f"9000{at}", "Ingrid Sandberg", role, team)
        found[role.value] = _user(employee)
    found[COMPANY] = _user(_employed("90010", "Olle Nyman", "planner", company))
    return found


def _employed(number: str, name: str, role: str, team: Any) -> Any:
    from nyckelfri.server.people.models import Employee

    return Employee.objects.create(
        number=number, name=name, role=role, care_team=team, employed_from=date(2024, 1, 1)
    )


def _user(employee: Any) -> str:
    from nyckelfri.server.people.models import User

    employee.user = User.objects.create(username=employee.number)
    employee.save()
    return str(employee.number)


def _session(user: Any) -> str:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from nyckelfri.server.accounts import sessions as worth

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    worth.begin(session, worth.Worth.FULL, time.time())
    session.create()
    return str(session.session_key)


def _openings() -> None:
    """Locks in service, phones of those at work, and their visits of two days."""
    from nyckelfri.door.commissioning import Kind
    from nyckelfri.server.keys import actions_issue
    from nyckelfri.server.locks.models import LockUnit
    from nyckelfri.server.visits.actions import ingest
    from serverworld import Handset, Holders, Lock

    yesterday = MOMENT - timedelta(days=1)
    holders = Holders.make()
    holders.install_first(yesterday)
    locks = {}
    for unit in LockUnit.objects.filter(status=LockUnit.Status.MOUNTED).order_by("external_id"):
        kind = Kind.ENTRANCE_UNIT if unit.kind == LockUnit.Kind.ENTRANCE_UNIT else Kind.THUMB_TURN
        lock = Lock.make(unit.external_id, holders.root, int(yesterday.timestamp()), kind)
        locks[lock.put_in_service(unit, yesterday)] = lock
    for at, (employee, since) in enumerate(_at_work()):
        phone = Handset.enrol(f"T{at + 1:02}", employee, 5000 + at, since)
        rows = actions_issue.issue_for(employee, phone.row, now=since)
        opened = [row for row in rows if row.installation in locks][at % 3 : 6]
        for turn, row in enumerate(opened):
            _visit(locks[row.installation], row, since, turn + at)
        for installation in {row.installation for row in opened}:
            ingest(locks[installation].batch(), phone=phone.row, now=MOMENT)


def _at_work() -> Iterator[tuple[Any, datetime]]:
    """Some who worked yesterday and some at work now, each with when they began."""
    from nyckelfri.server.homes.models import Shift

    seen = set()
    for moment in (MOMENT - timedelta(days=1), MOMENT - timedelta(hours=7), MOMENT):
        shifts = Shift.objects.filter(start__lte=moment, end__gt=moment).select_related("employee")
        for shift in shifts.order_by("employee__number")[:8]:
            if shift.employee_id not in seen:
                seen.add(shift.employee_id)
                yield shift.employee, max(shift.start, MOMENT - timedelta(days=1))


def _visit(lock: Any, row: Any, since: datetime, turn: int) -> None:
    from nyckelfri.door.clock import Mark
    from nyckelfri.door.grants import Command
    from nyckelfri.door.journal import MotorResult, Refusal
    from nyckelfri.door.reasons import Reason

    lock.clock = max(lock.clock, int(since.timestamp()) + turn * 1500)
    if turn % 7 == 3:
        subject = row.employee.subject.identifier
        refused = Refusal(Reason.TOO_FAR, row.serial, subject, row.thumbprint, Command.UNLOCK)
        lock.write(refused, after=40, mark=Mark.APPROXIMATE)
    result = MotorResult.JAMMED if turn % 11 == 4 else MotorResult.DONE
    lock.use(row, Command.UNLOCK, after=90)
    lock.use(row, Command.LOCK, after=60 * (12 + turn % 5 * 7), result=result)


def _trouble() -> None:
    """What somebody has to attend to."""
    from nyckelfri.server.access.models import NamedStaff
    from nyckelfri.server.homes.models import CareDecision, Client
    from nyckelfri.server.people.models import Employee, Phone
    from nyckelfri.server.phones import actions as phones
    from nyckelfri.server.visits.actions import ingest

    carrier = Phone.objects.order_by("pk")[2]
    for rubbish in (b"rubbish", b"more rubbish"):
        ingest(rubbish, phone=carrier, now=MOMENT - timedelta(hours=2))
    lost = Phone.objects.order_by("-pk")[0]
    phones.block(lost, reason="Tappad på bussen", actor="employee:90000", now=MOMENT)
    waiting = Employee.objects.filter(phones=None, role="assistant_nurse").order_by("number")[0]
    phones.invite(
        phones.register(label="T90", holder=waiting, actor="employee:90000", now=MOMENT),
        actor="employee:90000",
        now=MOMENT,
    )
    soon = MOMENT.date() + timedelta(days=9)
    carers = Employee.objects.filter(role="assistant_nurse").order_by("number")
    for at, employee in enumerate(carers[:6]):
        employee.identification = f"TL-{4100 + at}"
        employee.identification_till = soon if at < 2 else soon + timedelta(days=400)
        employee.save()
    ending = CareDecision.objects.filter(valid_till=None).order_by("pk")[5]
    CareDecision.objects.filter(pk=ending.pk).update(valid_till=soon)
    client = Client.objects.get(external_id=PROTECTED)
    planner = Employee.objects.filter(role="planner").order_by("number")[0]
    NamedStaff.objects.create(
        employee=planner, client=client, reason="Planerar besöken", recorded_at=MOMENT
    )


def _entered() -> None:
    """What phones brought that somebody has to look into, and a lock with low batteries."""
    from nyckelfri.server.homes.models import Client
    from nyckelfri.server.locks.models import Fallback, Installation
    from nyckelfri.server.people.models import Phone
    from nyckelfri.server.visits.models import BatteryLevel, PhoneEntry

    phone = Phone.objects.exclude(holder=None).order_by("pk")[0]
    lock = Installation.objects.filter(door__clients__external_id=PROTECTED)[0]
    reported = {"what": "jammed", "text": "Gnisslar och går trögt", "fallback": True}
    came: list[dict[str, Any]] = [
        {"kind": "lock_fault", "installation": lock, "detail": reported},
        {"flaw": "unreadable", "raw": b'{"kind": "dance"}'},
        {"kind": "tap", "verdict": "unknown", "flaw": "unknown_label", "raw": b"{}",
         "detail": {"label": "E9999", "use": "start"}},
    ]  # fmt: skip
    for at, more in enumerate(came):
        PhoneEntry.objects.create(
            phone=phone, uuid=UUID(int=at), digest=bytes(16), employee=phone.holder,
            client=Client.objects.get(external_id=PROTECTED), received_at=MOMENT,
            **{"at": MOMENT - timedelta(hours=1), **more},
        )  # fmt: skip
    BatteryLevel.objects.create(installation=lock, number=1, at=MOMENT, percent=15)
    for day, kind in ((-30, "reserve_key"), (-1, "locksmith"), (9, "reserve_key")):
        Fallback.objects.create(
            kind=kind, text="Ring och säg lägenhetens nummer.\nVänta vid porten.",
            telephone="0123-400 01", valid_from=MOMENT.date() + timedelta(days=day),
            recorded_at=MOMENT,
        )  # fmt: skip


def _measured() -> None:
    """The visits of November so far that are not there yet, and the month's figures."""
    from nyckelfri.server.visits import actions_derive, actions_statistics
    from nyckelfri.server.visits.models import VisitDay

    first, today = MOMENT.date().replace(day=1), MOMENT.date()
    days = {first + timedelta(days=since) for since in range((today - first).days)}
    days -= set(VisitDay.objects.values_list("day", flat=True))
    actions_derive.derive_days(days, now=MOMENT)
    actions_statistics.measure(first, MOMENT)


def _import(file: Path) -> None:
    """An upload that has faults, as the preview shows them."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from nyckelfri.server.importer import actions_jobs
    from nyckelfri.server.jobs.worker import do_tasks
    from nyckelfri.server.people.models import Employee

    manager = Employee.objects.filter(role="system_manager").order_by("number")[0]
    actions_jobs.begin([SimpleUploadedFile(file.name, file.read_bytes())], by=manager, now=MOMENT)
    do_tasks()


if __name__ == "__main__":
    if sys.argv[1] == "build":
        build(Path(sys.argv[2]))
    else:
        sys.stdout.write(json.dumps(facts(Path(sys.argv[2]))))
