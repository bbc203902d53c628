"""The office at work: what was decided is done on the server, by the actions behind its pages.

House rules: imported once Django is set up. Each action is done by somebody whose role may, as
on a page; what the server refuses is told, and nothing is tried twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import singledispatchmethod
from pathlib import Path
from typing import Final

from django.core.exceptions import ObjectDoesNotExist

from nyckelfri.server.access import (
    actions_absence,
    actions_care,
    actions_named,
    actions_plan,
    actions_withdraw,
    versions,
    viewers,
)
from nyckelfri.server.access.actions_absence import Share
from nyckelfri.server.access.errors import AccessError
from nyckelfri.server.access.models import Absence, Withdrawal
from nyckelfri.server.access.plans import PlanError
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.homes.models import CareTeam, Client, PlannedVisit, Provider, Shift
from nyckelfri.server.importer import words
from nyckelfri.server.importer.actions import import_files
from nyckelfri.server.importer.messages import Language
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee, Phone, Role
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.phones.errors import PhoneStateError
from nyckelfri.server.stale import StaleError
from nyckelfri.simulate import changes
from nyckelfri.simulate.caresystem import CareSystem, UnknownRowError
from nyckelfri.simulate.changes import Change

_WHY: Final = "vi ordnar dagen"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to a change: `change` as it was tried, at the moment when it was."""

    change: Change
    done: bool
    said: str = ""


class FaultyFilesError(Exception):
    """The server takes none of the care system's files; the text is its own."""


_REFUSALS: Final = (
    AccessError,
    FaultyFilesError,
    PhoneStateError,
    PlanError,
    StaleError,
    UnknownRowError,
    # What it rests on was left out of the week, or refused.
    ObjectDoesNotExist,
)


class Office:
    """The people of the office; `files` is the care system's folder, the plan in it."""

    def __init__(self, files: Path) -> None:
        self._care_system = CareSystem(files)
        # By the name that the plan has for it: the id of what was added by hand.
        self._by_hand: dict[str, str] = {}

    def carry_out(self, change: Change, now: float) -> Answer:
        """Do it on the server now, whenever it was meant to be done."""
        change = replace(change, at=now)
        try:
            self._do(change, _moment(now))
        except _REFUSALS as refusal:
            return Answer(change, done=False, said=f"{type(refusal).__name__}: {refusal}")
        return Answer(change, done=True)

    @singledispatchmethod
    def _do(self, change: Change, _now: datetime) -> None:
        """Do one kind of change."""
        raise ValueError(f"this is not the office's to do: {change}")

    @_do.register
    def _(self, change: changes.TakeOver, now: datetime) -> None:
        substitute = _employee(change.substitute)
        actions_absence.take_over(
            _somebody(Role.PLANNER),
            [Share(self._visit(id_), substitute) for id_ in change.visits],
            instead_of=_employee(change.instead_of),
            reason=_WHY,
            now=now,
            with_shifts=True,
            busy_too=True,
        )

    @_do.register
    def _(self, change: changes.Absence, now: datetime) -> None:
        actions_absence.report_absence(
            _somebody(Role.PLANNER),
            _employee(change.carer),
            start=_moment(change.start),
            end=_moment(change.end),
            reason=_WHY,
            now=now,
        )

    @_do.register
    def _(self, change: changes.AbsenceEnd, now: datetime) -> None:
        rows = Absence.objects.filter(employee__number=change.carer, ended_at=None, end__gt=now)
        row = rows.earliest("start")
        actions_absence.end_absence(_somebody(Role.PLANNER), row, now=now)

    @_do.register
    def _(self, change: changes.VisitByHand, now: datetime) -> None:
        row = actions_plan.add_visit(
            _somebody(Role.PLANNER),
            _client(change.client),
            _employee(change.carer),
            start=_moment(change.start),
            end=_moment(change.end),
            services=[words.SERVICES[service] for service in change.services],
            reason=_WHY,
            now=now,
            busy_too=True,
        )
        self._by_hand[change.name] = row.external_id

    @_do.register
    def _(self, change: changes.ShiftByHand, now: datetime) -> None:
        row = actions_plan.add_shift(
            _somebody(Role.PLANNER),
            _employee(change.carer),
            start=_moment(change.start),
            end=_moment(change.end),
            reason=_WHY,
            now=now,
            busy_too=True,
        )
        self._by_hand[change.name] = row.external_id

    @_do.register
    def _(self, change: changes.ByHandCancelled, now: datetime) -> None:
        planner, id_ = _somebody(Role.PLANNER), self._by_hand.get(change.name, "")
        visit = PlannedVisit.objects.filter(external_id=id_).first()
        if visit is not None:
            actions_plan.cancel_ad_hoc(planner, visit, reason=_WHY, now=now)
        else:
            shift = Shift.objects.get(external_id=id_)
            actions_plan.cancel_ad_hoc(planner, shift, reason=_WHY, now=now)

    @_do.register
    def _(self, change: changes.ProviderChange, now: datetime) -> None:
        client, service = _client(change.client), words.SERVICES[change.service]
        actions_care.change_provider(
            _somebody(Role.CARE_ASSESSOR),
            client,
            service=service,
            provider=Provider.objects.get(org_number=change.provider),
            team=CareTeam.objects.get(external_id=change.team) if change.team else None,
            first_day=change.first,
            reason=_WHY,
            seen=versions.of_choices(client, service),
            now=now,
        )

    @_do.register
    def _(self, change: changes.Withdrawal, now: datetime) -> None:
        actions_withdraw.withdraw(
            _manager(),
            _employee(change.carer),
            _client(change.client) if change.client else None,
            end=None if change.until is None else _moment(change.until),
            reason=_WHY,
            now=now,
        )

    @_do.register
    def _(self, change: changes.GivenBack, now: datetime) -> None:
        row = Withdrawal.objects.get(
            employee__number=change.carer,
            client__external_id=change.client,
            end=None,
            ended_at=None,
        )
        actions_withdraw.give_back(_manager(), row, reason=_WHY, now=now)

    @_do.register
    def _(self, change: changes.Named, now: datetime) -> None:
        actions_named.name(
            _somebody(Role.CARE_ASSESSOR),
            _client(change.client),
            _employee(change.carer),
            reason=_WHY,
            now=now,
        )

    @_do.register
    def _(self, change: changes.PhoneBlock, now: datetime) -> None:
        phones.block(_phone(change.phone), reason=_WHY, actor=_manager().actor, now=now)

    @_do.register
    def _(self, change: changes.PhoneUnblock, now: datetime) -> None:
        phones.unblock(_phone(change.phone), reason=_WHY, actor=_manager().actor, now=now)

    @_do.register
    def _(self, change: changes.PhoneHandOver, now: datetime) -> None:
        phone, holder = _phone(change.phone), _employee(change.carer)
        phones.hand_over(phone, holder, reason=_WHY, actor=_manager().actor, now=now)

    @_do.register
    def _(self, change: changes.Alarm, _now: datetime) -> None:
        self._care_system.note(change)

    @_do.register
    def _(self, change: changes.NewerFiles, now: datetime) -> None:
        with self._care_system.edited(change.edits) as folder:
            report = import_files(folder, actor=_manager().actor, now=now)
            if not report.stored:
                faults = (fault.message(Language.ENGLISH) for fault in report.faults)
                raise FaultyFilesError("; ".join(faults))
        actions_issue.withdraw(now)

    def _visit(self, name: str) -> PlannedVisit:
        return PlannedVisit.objects.get(external_id=self._by_hand.get(name, name))


def _somebody(role: Role) -> Viewer:
    """Whoever of the municipality's own has this role, at their screen."""
    found = viewers.viewer(
        Employee.objects.filter(role=role, care_team=None).order_by("number").first()
    )
    if found is None:
        raise ValueError(f"nobody in the files is a {role}")
    return found


def _manager() -> Viewer:
    return _somebody(Role.SYSTEM_MANAGER)


def _employee(number: str) -> Employee:
    return Employee.objects.get(number=number)


def _client(id_: str) -> Client:
    return Client.objects.get(external_id=id_)


def _phone(label: str) -> Phone:
    return Phone.objects.get(label=label)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
