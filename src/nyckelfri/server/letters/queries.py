"""What a letter to a client tells, read from the register.

House rules: reads only, and by the rules of access themselves; who the letter may be shown
to is for the caller to check. Staff are named, since the client has a right to know who
comes; the client's services and birth number are not in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Final

from django.conf import settings
from django.db.models import Q

from nyckelfri.care import explain as care
from nyckelfri.care.grants import Rule
from nyckelfri.care.policy import Policy
from nyckelfri.care.times import ZONE, local_moment
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access import rights
from nyckelfri.server.access.because import Names
from nyckelfri.server.homes.models import Client, PlannedVisit, ProviderChoice
from nyckelfri.server.letters.content import Came, Extra, Group, Letter, Sender, write
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Employee
from nyckelfri.server.questions import Blank, Question, Values, ask
from nyckelfri.server.visits import queries


class NoSenderError(Exception):
    """The letter would not say whom to call; the text says which settings are missing."""


def letter(client: Client, now: datetime) -> Letter:
    """The letter to this client today; NoSenderError where the municipality is not set."""
    sender = _sender()
    today = now.astimezone(ZONE).date()
    month = local_moment(today.replace(day=1), time.min)
    locks, extra, providers = ask(
        _locks,
        _extra,
        _providers,
        client=client.pk,
        front_door=client.front_door_id,
        start=month,
        now=now,
        today=today,
    )
    return write(
        sender=sender,
        recipient=_recipient(client),
        today=today,
        groups=_groups(client, now),
        came=_came([pk for (pk,) in locks], month, now),
        extra=[Extra(at.astimezone(ZONE).date(), why) for at, why in sorted(extra)],
        providers=dict.fromkeys((name, telephone) for _, name, telephone in sorted(providers)),
    )


def _sender() -> Sender:
    name, telephone = settings.MUNICIPALITY, settings.TELEPHONE
    if not name or not telephone:
        raise NoSenderError(
            "Set NYCKELFRI_MUNICIPALITY and NYCKELFRI_TELEPHONE: the letter says whom to call"
        )
    return Sender(name, telephone)


def _recipient(client: Client) -> list[str]:
    flat = f"{client.address} lgh {client.apartment}" if client.apartment else client.address
    place = client.property and f"{client.property.postcode} {client.property.town}"
    return [line for line in (client.name, flat, place or "") if line]


def _groups(client: Client, now: datetime) -> list[Group]:
    day = now.astimezone(ZONE).date()
    homes, recorded = ask(rights.behind, policies.recorded, **rights.doors_of(client))
    known = policies.of(recorded)
    rules, policy = policies.near(now, known), policies.on(day, known)
    world = rights.world_of_client(client, rules, now, homes=homes)
    entitled = care.entitled(world, policy, client.external_id, day)
    names = Names(world, {row.employee_id for row in entitled})
    by_group: defaultdict[tuple[int, _Heading, str], list[str]] = defaultdict(list)
    for row in entitled:
        team = row.reason.team_id if row.rule in _OF_TEAMS else ""
        heading = _EXTRA_VISIT if row.reason.ad_hoc else row.rule
        name = names.people[row.employee_id].name
        found = by_group[_ORDER.index(heading), heading, team or ""]
        if name not in found:
            found.append(name)
    return [
        _group(heading, names.team(team), people, policy)
        for (_, heading, team), people in sorted(by_group.items(), key=lambda each: each[0][::2])
    ]


_Heading = Rule | str
_EXTRA_VISIT: Final = "extra visit"
"""Whatever rule it is by: a visit that somebody added by hand."""
_ORDER: Final[tuple[_Heading, ...]] = (
    Rule.CHOSEN_TEAM,
    Rule.PLANNED_VISIT,
    _EXTRA_VISIT,
    Rule.ASSIGNED_VISIT,
    Rule.NIGHT_PATROL,
    Rule.ALARM_GROUP,
    Rule.ALARM,
    Rule.HEALTH_VISIT,
    Rule.ASSIGNED_CLIENT,
)
_OF_TEAMS: Final = frozenset(
    {Rule.CHOSEN_TEAM, Rule.PLANNED_VISIT, Rule.NIGHT_PATROL, Rule.ALARM_GROUP, Rule.ALARM}
)
_HEADINGS: Final[dict[_Heading, str]] = {
    _EXTRA_VISIT: "Extra besök",
    Rule.CHOSEN_TEAM: "På dagen, klockan {day}",
    Rule.PLANNED_VISIT: "På dagen, klockan {day}",
    Rule.ASSIGNED_VISIT: "Vikarier",
    Rule.NIGHT_PATROL: "På natten, klockan {night}",
    Rule.ALARM_GROUP: "Om du larmar, dygnet runt",
    Rule.ALARM: "När du har larmat",
    Rule.HEALTH_VISIT: "Sjukvård, bara vid planerade besök",
    Rule.ASSIGNED_CLIENT: "Sjukvård",
}
_ONLY: Final[dict[_Heading, str]] = {
    _EXTRA_VISIT: "Bara vid det besöket.",
    Rule.PLANNED_VISIT: "Bara den som ska besöka dig, och bara vid besöket.",
    Rule.ASSIGNED_VISIT: "Bara vid de besök som de har tagit över.",
}


def _group(
    heading: _Heading, team: tuple[str, str], people: Sequence[str], policy: Policy
) -> Group:
    opens, closes = (f"{at:%H.%M}".removesuffix(".00").lstrip("0") or "0" for at in _hours(policy))
    day, night = f"{opens}–{closes}", f"{closes}–{opens}"
    who = " från ".join(name for name in team if name)
    count = "1 person." if len(people) == 1 else f"{len(people)} personer."
    said = " ".join(
        part for part in (f"{who}." if who else "", count, _ONLY.get(heading, "")) if part
    )
    return Group(_HEADINGS[heading].format(day=day, night=night), said, tuple(sorted(people)))


def _hours(policy: Policy) -> tuple[time, time]:
    """When the day begins and when it ends."""
    return policy.night_ends, policy.night_starts


def _came(locks: Sequence[int], start: datetime, now: datetime) -> list[Came]:
    """Who came home to the client, as the lock's own journal proves it."""
    found: defaultdict[str, list[date]] = defaultdict(list)
    for stay in queries.stays(start, now + datetime.resolution, locks):
        found[stay.employee_id].append(stay.entry.astimezone(ZONE).date())
    names = dict(Employee.objects.filter(number__in=found).values_list("number", "name"))
    return [Came(names[number], len(days), max(days)) for number, days in found.items()]


@Question
def _locks() -> Values:
    """Every lock that the front door has had."""
    return Installation.objects.filter(door=Blank("front_door")).order_by().values_list("pk")


@Question
def _extra() -> Values:
    """The visits by hand from `start` until `now`, and why."""
    rows = PlannedVisit.objects.filter(
        client=Blank("client"),
        ad_hoc=True,
        withdrawn_at=None,
        start__gte=Blank("start"),
        start__lte=Blank("now"),
    )
    return rows.order_by().values_list("start", "reason")


@Question
def _providers() -> Values:
    """Whom the client has chosen, by service, with their telephone."""
    today = Blank("today")
    rows = ProviderChoice.objects.filter(
        Q(valid_till=None) | Q(valid_till__gte=today),
        client=Blank("client"),
        withdrawn_at=None,
        valid_from__lte=today,
    )
    return rows.order_by().values_list("service", "provider__name", "provider__telephone")
