"""The pages of teams: the list, and one team's week.

House rules: reads only; changes are in the area `plan`.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localtime

from nyckelfri.care.times import ZONE
from nyckelfri.server.access import seats
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, links, shell
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.persons import shown
from nyckelfri.server.console.teams import rows
from nyckelfri.server.console.teams.texts import text
from nyckelfri.server.console.teams.week import Week, Work, monday_of, name_of

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@page(Permission.SEE_STAFF)
def show_list(request: PageRequest) -> HttpResponse:
    """Every team, with how many are in it, at work now and away."""
    part = keyset.part(rows.teams(request.viewer, request.now), keyset.asked(request))
    looks.at_list(request, "teams", len(part.rows))
    lines = [(row, text(f"kind_{row.kind}")) for row in part.rows]
    context = {"part": part, "lines": lines}
    return show(request, "console/teams/list.html", "teams", context, words=text)


@page(Permission.SEE_STAFF)
def show_team(request: PageRequest, key: str) -> HttpResponse:
    """One team: its week, and today's visits that nobody makes."""
    who, now = request.viewer, request.now
    team = get_object_or_404(rows.mine(who).select_related("provider"), external_id=key)
    today = now.astimezone(ZONE).date()
    monday = monday_of(request.GET.get("vecka", "")[:10], today)
    people = rows.members(team, monday)
    week = rows.week(team, people, monday)
    plans = who.may(Permission.PLAN)
    context: dict[str, Any] = {
        "team": team,
        "kind": text(f"kind_{team.kind}"),
        "week": name_of(monday),
        "before": name_of(monday - timedelta(days=7)),
        "after": name_of(monday + timedelta(days=7)),
        "this_week": monday <= today < monday + timedelta(days=7),
        "days": _days(week, today),
        "people": [_person(person, week, now, plans=plans) for person in people],
        "gaps": [[_hours(gap.start, gap.end) for gap in gaps] for gaps in week.gaps],
        "any_gap": any(week.gaps),
        "may_plan": plans,
        "seats": _seats(request, team, today),
    }
    looks.at_list(request, f"team:{team.external_id}", len(people))
    return show(
        request,
        "console/teams/page.html",
        "teams",
        context,
        words=text,
        heading=team.name,
        trail=[shell.Step(reverse("teams"), text["teams"])],
        piece="console/teams/_week.html",
    )


def _days(week: Week, today: date) -> list[dict[str, Any]]:
    return [
        {
            "word": text(f"day_{name}"),
            "day": day,
            "short": f"{day.day}/{day.month}",
            "today": day == today,
        }
        for name, day in zip(_WEEKDAYS, week.days, strict=True)
    ]


def _person(person: Any, week: Week, now: datetime, *, plans: bool) -> dict[str, Any]:
    return {
        "href": links.href("employee", person.number),
        "name": person.name,
        "role": text(f"role_{person.role}"),
        "cells": [
            {
                "away": cell.away,
                "shifts": [_shift(work, now, plans=plans) for work in cell.shifts],
            }
            for cell in week.cells[person.pk]
        ],
    }


def _shift(work: Work, now: datetime, *, plans: bool) -> dict[str, Any]:
    may_cancel = plans and work.ad_hoc and work.end > now
    return {
        "hours": _hours(work.start, work.end),
        "ad_hoc": work.ad_hoc,
        "reason": work.reason,
        "cancel": links.href("cancel_shift", work.key) if may_cancel else "",
    }


def _hours(start: datetime, end: datetime) -> str:
    """Local times as a rota writes them: 07–15, or 07:30–15 where there are minutes."""
    first, last = localtime(start), localtime(end)
    whole_day = last.time() == time.min and last.date() > first.date()
    return f"{_clock(first)}–{'24' if whole_day else _clock(last)}"


def _clock(moment: datetime) -> str:
    return f"{moment.hour:02}:{moment.minute:02}" if moment.minute else f"{moment.hour:02}"


def _seats(request: PageRequest, team: Any, today: date) -> list[dict[str, Any]]:
    """Visits of today and tomorrow morning that nobody makes, since somebody is away."""
    end = datetime.combine(today + timedelta(days=2), time.min, ZONE)
    found = seats.of_the_absent(rows.staff_of(team), request.now, end)
    return [
        {
            "start": seat.visit.start,
            "client": shown(seat.visit.client, request.viewer),
            "former": seat.former,
            "href": links.href("cover", seat.former.number),
        }
        for seat in found
        if seat.takeover is None
    ]
