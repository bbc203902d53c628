"""Who decides about access, for the tests that need somebody who may."""

from __future__ import annotations

from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.homes.models import CareTeam
from nyckelfri.server.people.models import Employee, Role


def decider(role: Role, team: CareTeam | None = None) -> Viewer:
    """Somebody new of this role, as a viewer; of a provider where a team is given."""
    row = Employee.objects.create(
        number=f"3{Employee.objects.count():04}",
        name=f"Test {role.label}",
        role=role,
        care_team=team,
        employed_from="2024-01-01",
    )
    found = viewer(row)
    if found is None:
        raise ValueError(f"a {role} sees nothing; choose another role")
    return found
