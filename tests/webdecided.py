"""What people have decided about access in Björkvik: one of each kind, by the actions.

House rules: called by `webtown` when everything else is there; Django is set up.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final

CLIENT: Final = "B0002"
"""The client whose pages show one of each."""
TEAM: Final = "G1"


def decide(now: datetime) -> None:
    """A change of provider to come, somebody kept out, somebody ill, a visit by hand."""
    from nyckelfri.server.access import actions_absence, actions_named, actions_plan
    from nyckelfri.server.access import actions_withdraw as withdrawals
    from nyckelfri.server.access.actions_absence import Share
    from nyckelfri.server.homes.models import Client, PlannedVisit
    from nyckelfri.server.people.models import Employee

    client = Client.objects.get(external_id=CLIENT)
    manager, assessor = (_viewer(role) for role in ("system_manager", "care_assessor"))
    planner = _viewer("planner")
    _change_provider(assessor, client, now)
    staff = Employee.objects.filter(care_team__external_id=TEAM).order_by("number")
    withdrawals.withdraw(
        manager, staff[3], client, end=now + timedelta(days=30), reason="Begärt av kunden", now=now
    )
    installer = Employee.objects.filter(role="door_installer").order_by("number")[0]
    withdrawals.withdraw(manager, installer, None, end=None, reason="Utreds", now=now)
    nurse = Employee.objects.filter(role="nurse").order_by("number")[0]
    today = now.date()
    actions_named.assign(
        assessor, client, nurse, first_day=today, last_day=None, reason="Såromläggning", now=now
    )
    busy = PlannedVisit.objects.filter(
        start__gt=now, start__lt=now + timedelta(hours=6), employee__in=staff
    ).order_by("start", "pk")
    ill = busy[0].employee
    of_day = [visit for visit in busy if visit.employee_id == ill.pk][:3]
    actions_absence.report_absence(
        planner, ill, start=now, end=now + timedelta(hours=9), reason="Gick hem sjuk", now=now
    )
    able = staff.exclude(pk=ill.pk).filter(role="assistant_nurse")
    actions_absence.take_over(
        planner,
        [Share(of_day[0], able[4])],
        instead_of=ill,
        reason="Gick hem sjuk",
        now=now,
        with_shifts=True,
        busy_too=True,
    )
    actions_plan.add_visit(
        planner,
        client,
        able[5],
        start=now + timedelta(hours=1),
        end=now + timedelta(hours=1, minutes=20),
        services=["care"],
        reason="Glömd i schemat",
        now=now,
        busy_too=True,
    )
    actions_plan.add_shift(
        planner,
        able[6],
        start=now + timedelta(hours=10),
        end=now + timedelta(hours=14),
        reason="Extra kväll",
        now=now,
        busy_too=True,
    )

    _rules_and_samples(manager, now)


def _rules_and_samples(manager: Any, now: datetime) -> None:
    from nyckelfri.care.policy import Policy, Scope
    from nyckelfri.server.access import actions_draft, actions_policy, versions
    from nyckelfri.server.visits import actions_reviews
    from nyckelfri.server.visits.models import Draw

    actions_policy.record_policy(
        manager,
        Policy(valid_from=now.date() + timedelta(days=40), scope=Scope.AREA),
        reason="Beslut i nämnden",
        seen=versions.of_policies(),
        now=now,
    )
    from nyckelfri.server.jobs.worker import do_tasks

    narrower = Policy(valid_from=now.date() + timedelta(days=1), scope=Scope.VISITS)
    actions_draft.propose(manager, narrower, reason="Förslag till nämnden", now=now)
    do_tasks()
    today = now.replace(hour=0, minute=0)
    for kind, share in ((Draw.Kind.OPENINGS, Fraction(1, 5)), (Draw.Kind.OUTSIDE, Fraction(1))):
        actions_reviews.draw(
            kind,
            today - timedelta(days=1),
            today,
            share=share,
            by=_viewer("auditor"),
            now=now,
            seed=bytes(16),
        )


def _change_provider(viewer: Any, client: Any, now: datetime) -> None:
    from nyckelfri.server.access import actions_care, versions
    from nyckelfri.server.homes.models import CareTeam, ProviderChoice

    choice = ProviderChoice.objects.filter(client=client, withdrawn_at=None).order_by("pk")[0]
    others = CareTeam.objects.filter(kind="home_care").exclude(provider=choice.provider)
    team = next(team for team in others if choice.service in team.provider.services)
    actions_care.change_provider(
        viewer,
        client,
        service=choice.service,
        provider=team.provider,
        team=team if choice.service in {"care", "household"} else None,
        first_day=now.date() + timedelta(days=8),
        reason="Kundens val",
        seen=versions.of_choices(client, choice.service),
        now=now,
    )


def _viewer(role: str) -> Any:
    from nyckelfri.server.access.viewers import viewer
    from nyckelfri.server.people.models import Employee

    rows = Employee.objects.filter(role=role, care_team=None).order_by("number")
    found = viewer(rows[0])
    assert found is not None
    return found
