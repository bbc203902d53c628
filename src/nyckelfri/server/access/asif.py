"""What access will be after a change, before anybody records it.

House rules: reads only, and the same rules as ever on a changed world. Two answers, since
a rota may not reach so far: who may come by the door whenever they are on shift, and which
windows of which doors differ in the shifts that are planned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from nyckelfri.care import access, asif
from nyckelfri.care import explain as care
from nyckelfri.care import world as plans
from nyckelfri.care.asif import Held
from nyckelfri.care.explain import Entitled
from nyckelfri.care.grants import AccessGrant
from nyckelfri.care.policy import Policy
from nyckelfri.care.times import ZONE, DateRange, local_moment
from nyckelfri.care.world import World
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access import rights, worlds
from nyckelfri.server.access.because import Because, Names, Person, people
from nyckelfri.server.homes.models import CareDecision, CareTeam, Client, Provider, Shift
from nyckelfri.server.questions import ask

LEAD = timedelta(days=14)
"""A change of provider sooner than this is one that the new provider may not be ready for."""


@dataclass(frozen=True, slots=True)
class May:
    """Somebody who may come by the door whenever they are on shift, and why."""

    person: Person
    because: Because


@dataclass(frozen=True, slots=True)
class Differs:
    """A window in which somebody can open one of the doors, or no longer can."""

    person: Person
    entrance: bool
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change on `day` does to one client's doors.

    `before`, `gained`, `lost` and `stay`: who may come by, whatever the rota says.
    `opens` and `closes`: in the shifts that are planned from that day until the horizon.
    """

    day: date
    soon: bool
    before: tuple[May, ...]
    after: tuple[May, ...]
    gained: tuple[May, ...]
    lost: tuple[May, ...]
    opens: tuple[Differs, ...]
    closes: tuple[Differs, ...]

    @property
    def stay(self) -> tuple[May, ...]:
        """Those whom the change makes no difference to."""
        return tuple(row for row in self.after if row not in self.gained)


def provider_change(
    client: Client,
    service: str,
    provider: Provider,
    team: CareTeam | None,
    first_day: date,
    *,
    now: datetime,
) -> Preview:
    """The client has another provider of a service from `first_day`."""
    choice = plans.ProviderChoice(
        "as if",
        client.external_id,
        plans.Service(service),
        provider.org_number,
        DateRange(first_day),
        None if team is None else team.external_id,
    )
    return _preview(
        client, first_day, now, lambda world: asif.with_choice(world, choice), (provider.pk,)
    )


def decision_ended(decision: CareDecision, last: date, *, now: datetime) -> Preview:
    """A care decision ends with the day `last`."""
    return _preview(
        decision.client,
        last + timedelta(days=1),
        now,
        lambda world: asif.with_decision_ended(world, decision.external_id, last),
    )


def _preview(
    client: Client,
    day: date,
    now: datetime,
    change: Callable[[World], World],
    providers: Sequence[int] = (),
) -> Preview:
    moment = max(now, local_moment(day, time.min))
    homes, recorded = ask(rights.behind, policies.recorded, **rights.doors_of(client))
    known = policies.of(recorded)
    rules, policy = policies.near(moment, known), policies.on(day, known)
    was = rights.world_of_client(
        client, rules, moment, as_of=now, homes=homes, with_providers=providers
    )
    will = change(was)
    key = client.external_id
    before, after = (care.entitled(world, policy, key, day) for world in (was, will))
    entitled = asif.compare_entitled(before, after)
    locks = rights.locks_of(was, key)
    held = asif.compare(*(_here(world, rules, moment, locks) for world in (was, will)))
    numbers = {row.employee_id for row in (*before, *after)}
    numbers |= {row.employee_id for row in (*held.gained, *held.lost)}
    names = Names(will, numbers)
    entrances = {row.lock_id for row in was.entrances}

    def may(rows: Iterable[Entitled]) -> tuple[May, ...]:
        return tuple(May(names.people[row.employee_id], names.because(row.reason)) for row in rows)

    def differs(rows: Iterable[Held]) -> tuple[Differs, ...]:
        return tuple(
            Differs(
                names.people[row.employee_id],
                row.lock_id in entrances,
                max(row.window.start, moment),
                row.window.end,
            )
            for row in rows
            if row.window.end > moment
        )

    return Preview(
        day=day,
        soon=day < now.astimezone(ZONE).date() + LEAD,
        before=may(before),
        after=may(after),
        gained=may(entitled.gained),
        lost=may(entitled.lost),
        opens=differs(held.gained),
        closes=differs(held.lost),
    )


def _here(
    world: World, rules: rights.Rules, moment: datetime, locks: frozenset[str]
) -> list[AccessGrant]:
    return [right for right in rights.derive(world, rules, moment) if right.lock_id in locks]


@dataclass(frozen=True, slots=True)
class PersonDiffers:
    """How many doors somebody gets and loses at some time, and for how long in all."""

    person: Person
    doors_gained: int
    doors_lost: int
    time_gained: timedelta
    time_lost: timedelta


@dataclass(frozen=True, slots=True)
class PolicyPreview:
    """What other rules do to the whole municipality in the planned shifts around `moment`."""

    moment: datetime
    planned: bool
    """Whether shifts are planned for the day when the rules begin; else those of now are used."""
    grants_before: int
    grants_after: int
    doors_gained: int
    doors_lost: int
    people: tuple[PersonDiffers, ...]
    """Whom it makes a difference to, the greatest first."""


POLICY_STEPS = ("plans", "before", "after", "compare")
"""What `policy_change` does, one after the other."""


def policy_change(
    new: Policy, *, now: datetime, progress: Callable[[str], None] = lambda _: None
) -> PolicyPreview:
    """The rules of access are `new` from its day on, instead of those that hold then.

    For the whole municipality, so beside the pages; `progress` is told each step as it begins.
    """
    progress("plans")
    begins = max(now, local_moment(new.valid_from, time.min))
    ends = begins + timedelta(days=1)
    planned = Shift.objects.filter(worlds.in_span(begins, ends), withdrawn_at=None).exists()
    moment = begins if planned else now
    old = policies.on(moment.astimezone(ZONE).date())
    world = rights.world_of_all((old, new), moment)
    progress("before")
    before = access.derive(world, old, moment)
    progress("after")
    after = access.derive(world, new, moment)
    progress("compare")
    changes = asif.compare(before, after)
    gained, lost = _by_person(changes.gained), _by_person(changes.lost)
    names = people(gained.keys() | lost.keys())
    rows = [_differs(names[key], gained.get(key, ()), lost.get(key, ())) for key in sorted(names)]
    return PolicyPreview(
        moment=moment,
        planned=planned,
        grants_before=len(before),
        grants_after=len(after),
        doors_gained=len({row.lock_id for row in changes.gained}),
        doors_lost=len({row.lock_id for row in changes.lost}),
        people=tuple(sorted(rows, key=lambda row: row.time_gained + row.time_lost, reverse=True)),
    )


def _by_person(rows: Iterable[Held]) -> dict[str, list[Held]]:
    found: defaultdict[str, list[Held]] = defaultdict(list)
    for row in rows:
        found[row.employee_id].append(row)
    return dict(found)


def _differs(person: Person, gained: Sequence[Held], lost: Sequence[Held]) -> PersonDiffers:
    return PersonDiffers(
        person,
        len({row.lock_id for row in gained}),
        len({row.lock_id for row in lost}),
        sum((row.window.end - row.window.start for row in gained), timedelta()),
        sum((row.window.end - row.window.start for row in lost), timedelta()),
    )
