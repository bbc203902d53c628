"""Whose visit it was: the provider and team of whoever made it.

House rules: reads only. Somebody with a team works for that team's provider. A substitute has
none: they work for whom the client has chosen for that service that day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from nyckelfri.care.times import DateRange
from nyckelfri.server.homes.models import ProviderChoice, Service
from nyckelfri.server.people.models import Employee


class Performer(NamedTuple):
    """Primary keys of provider and team; None where nobody knows."""

    provider: int | None = None
    care_team: int | None = None


class _Chosen(NamedTuple):
    dates: DateRange
    performer: Performer


@dataclass(slots=True)
class Performers:
    """Teams of staff, and choices of clients, read once."""

    _teams: dict[int, Performer] = field(default_factory=dict)
    _choices: dict[tuple[int, str], list[_Chosen]] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Performers:
        """Everybody's."""
        staff = Employee.objects.filter(care_team__isnull=False)
        teams = {
            pk: Performer(provider, team)
            for pk, provider, team in staff.values_list(
                "pk", "care_team__provider_id", "care_team_id"
            )
        }
        choices: defaultdict[tuple[int, str], list[_Chosen]] = defaultdict(list)
        rows = ProviderChoice.objects.filter(withdrawn_at=None).order_by("-valid_from")
        for client, service, first, last, provider, team in rows.values_list(
            "client_id", "service", "valid_from", "valid_till", "provider_id", "care_team_id"
        ):
            choices[client, service].append(
                _Chosen(DateRange(first, last), Performer(provider, team))
            )
        return cls(teams, choices)

    def of(self, employee: int, client: int, services: Sequence[str], day: date) -> Performer:
        """Whose visit it was."""
        found = self._teams.get(employee)
        if found is not None:
            return found
        for service in (*services, Service.CARE.value):
            for chosen in self._choices.get((client, service), ()):
                if chosen.dates.holds(day):
                    return chosen.performer
        return Performer()
