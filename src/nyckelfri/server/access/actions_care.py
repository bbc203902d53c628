"""Who gives a client care: a choice of provider recorded here, with a date.

House rules: check → change → audit row, in one transaction; the past is never edited, and
the lock is no part of it: access follows from the decision and the choice by itself. When
something shrinks, what was already handed out is revoked as soon as it is committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from nyckelfri.care.times import ZONE
from nyckelfri.server import stale
from nyckelfri.server.access import checks, versions
from nyckelfri.server.access.errors import AccessError, Refusal
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import (
    CareTeam,
    Client,
    Provider,
    ProviderChoice,
    Service,
)
from nyckelfri.server.keys import actions_issue

WITH_TEAMS = frozenset({Service.CARE, Service.HOUSEHOLD})
"""Services whose provider's teams come home to the client."""
_DAY = timedelta(days=1)


def change_provider(
    viewer: Viewer,
    client: Client,
    *,
    service: str,
    provider: Provider,
    team: CareTeam | None,
    first_day: date,
    reason: str,
    seen: str,
    now: datetime,
) -> ProviderChoice:
    """Record that the client has this provider of a service from `first_day`.

    The choice in force ends the day before, and later ones are dropped. `seen` is
    `versions.of_choices` of what was shown. AccessError, StaleError.
    """
    checks.may(viewer, Permission.CHANGE_PROVIDER)
    why = checks.reason_of(reason)
    checks.coming_day(first_day, now)
    with transaction.atomic():
        client = checks.locked_client(viewer, client, now)
        chosen = versions.chosen(client, service)
        stale.check(seen, versions.of_choices(client, service, chosen))
        on_the_day = require_change(
            client,
            chosen,
            service=service,
            provider=provider,
            team=team,
            first_day=first_day,
            now=now,
        )
        ended = _end(_standing(client, service, first_day - _DAY), first_day - _DAY)
        dropped = _drop(client, service, first_day, now)
        choice = on_the_day or ProviderChoice(client=client, service=service, valid_from=first_day)
        choice.provider, choice.care_team = provider, team
        choice.valid_till = choice.former_till = choice.withdrawn_at = None
        choice.recorded_here, choice.ended_here = True, False
        choice.save()
        details = {
            "service": service,
            "provider": provider.org_number,
            "team": team.external_id if team else None,
            "from": first_day.isoformat(),
            "ended": ended,
            "dropped": dropped,
        }
        _record(Verb.CHOICE_CHANGE, client, details, viewer=viewer, why=why, now=now)
    actions_issue.withdraw_at(client, now)
    return choice


def cancel_change(
    viewer: Viewer, choice: ProviderChoice, *, reason: str, seen: str, now: datetime
) -> None:
    """Undo a change of provider that has not begun; the choice before it goes on.

    AccessError once it has begun, StaleError if somebody has changed it again.
    """
    checks.may(viewer, Permission.CHANGE_PROVIDER)
    why = checks.reason_of(reason)
    with transaction.atomic():
        client = checks.locked_client(viewer, choice.client, now)
        stale.check(seen, versions.of_choices(client, choice.service))
        choice = ProviderChoice.objects.get(pk=choice.pk)
        if choice.withdrawn_at is not None:
            raise AccessError(Refusal.ALREADY_ENDED)
        if choice.valid_from <= _today(now):
            raise AccessError(Refusal.ALREADY_BEGUN)
        choice.withdrawn_at, choice.recorded_here = now, True
        choice.save(update_fields=["withdrawn_at", "recorded_here"])
        before = ProviderChoice.objects.filter(
            client=client,
            service=choice.service,
            withdrawn_at=None,
            ended_here=True,
            valid_till=choice.valid_from - _DAY,
        ).first()
        if before is not None:
            before.valid_till, before.former_till, before.ended_here = (
                before.former_till,
                None,
                False,
            )
            before.save(update_fields=["valid_till", "former_till", "ended_here"])
        details = {
            "service": choice.service,
            "provider": choice.provider.org_number,
            "from": choice.valid_from.isoformat(),
        }
        _record(Verb.CHOICE_CANCEL, client, details, viewer=viewer, why=why, now=now)
    actions_issue.withdraw_at(client, now)


def require_change(
    client: Client,
    chosen: Sequence[ProviderChoice],
    *,
    service: str,
    provider: Provider,
    team: CareTeam | None,
    first_day: date,
    now: datetime,
) -> ProviderChoice | None:
    """Refuse a change that cannot be made, or changes nothing; the row of that very day, if any.

    `chosen`: all that was chosen for the service until now (`versions.chosen`).
    """
    _require_offered(client, service, provider, team)
    asked = provider.pk, team.pk if team else None
    on_the_day = next((row for row in chosen if row.valid_from == first_day), None)
    if any(
        (row.provider_id, row.care_team_id) == asked
        for row in chosen
        if row.withdrawn_at is None
        and row.valid_from <= first_day
        and (row.valid_till is None or row.valid_till >= first_day)
    ):
        raise AccessError(Refusal.SAME_CHOICE)
    if on_the_day is not None and first_day <= _today(now):
        raise AccessError(Refusal.TAKEN_DAY)
    return on_the_day


def _require_offered(
    client: Client, service: str, provider: Provider, team: CareTeam | None
) -> None:
    """Refuse a provider who is not approved for the service, or has no team for the client."""
    if service not in Service.values or service not in provider.services:
        raise AccessError(Refusal.NOT_OFFERED)
    if team is not None:
        at_home = team.kind == CareTeam.Kind.HOME_CARE and service in WITH_TEAMS
        if team.provider_id != provider.pk or not at_home:
            raise AccessError(Refusal.TEAM_OF_OTHER)
    elif service in WITH_TEAMS:
        teams = CareTeam.objects.filter(
            provider=provider, kind=CareTeam.Kind.HOME_CARE, area__in=(client.area, "")
        )
        areas = list(teams.values_list("area", flat=True))
        if (areas.count(client.area) or areas.count("")) != 1:
            raise AccessError(Refusal.NO_TEAM_THERE)


def _standing(client: Client, service: str, last: date) -> QuerySet[ProviderChoice]:
    """The choices that hold on or after `last` and began by then."""
    return ProviderChoice.objects.filter(
        Q(valid_till=None) | Q(valid_till__gte=last),
        client=client,
        service=service,
        withdrawn_at=None,
        valid_from__lte=last,
    )


def _end(standing: QuerySet[ProviderChoice], last: date) -> list[str]:
    """End the choices in force; whose they were."""
    ended = []
    for row in standing.select_related("provider"):
        if row.valid_till == last:
            continue
        if not row.ended_here:
            row.former_till = row.valid_till
        row.valid_till, row.ended_here = last, True
        row.save(update_fields=["valid_till", "former_till", "ended_here"])
        ended.append(row.provider.org_number)
    return ended


def _drop(client: Client, service: str, first_day: date, now: datetime) -> list[str]:
    """Take back the choices that were to begin later; the days that they were for."""
    later = ProviderChoice.objects.filter(
        client=client, service=service, withdrawn_at=None, valid_from__gt=first_day
    )
    days = [day.isoformat() for day in later.values_list("valid_from", flat=True)]
    later.update(withdrawn_at=now, recorded_here=True)
    return days


def _today(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def _record(
    verb: Verb, client: Client, details: dict[str, Any], *, viewer: Viewer, why: str, now: datetime
) -> None:
    deed = audit.Deed(verb, f"client:{client.external_id}", why, details)
    audit.record([deed], actor=viewer.actor, now=now)
