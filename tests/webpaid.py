"""September of some of Björkvik's visits, paid: one of each kind that pages show.

House rules: called by `webtown` when everything else is there; Django is set up.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any


def pay(now: datetime) -> None:
    """Statements, one in two versions, what is not paid, somebody left out, and invoices."""
    from dataclasses import replace
    from decimal import Decimal

    import paidinvoice
    import paidworld
    from nyckelfri.server.homes.models import CareTeam, Client
    from nyckelfri.server.money import actions_received
    from nyckelfri.server.people.models import Employee

    seen: dict[str, Any] = {"approved_at": now - timedelta(days=2)}
    first, clients = paidworld.SEPTEMBER, list(Client.objects.order_by("external_id")[:6])
    teams = CareTeam.objects.filter(kind=CareTeam.Kind.HOME_CARE).order_by("provider", "pk")
    carers = {
        team.provider_id: carer
        for team in teams
        if (carer := Employee.objects.filter(care_team=team).order_by("number").first())
    }
    ours, company, other, *_ = carers.values()
    for carer in (ours, company, other):
        for day in range(1, 29):
            client = clients[day % len(clients)]
            services = ["care", "household"] if day % 7 == 0 else ["care"]
            paidworld.visit(
                client, carer, day, 22 + day / 3, month=first, services=services, **seen
            )
        gone: dict[str, Any] = {"entry": None, "exit": None, "month": first, **seen}
        paidworld.visit(clients[0], carer, 29, 45, outcome="declined", **gone)
        paidworld.visit(clients[1], carer, 29, 45, outcome="not_made", grade="none", **gone)
    paidworld.visit(clients[2], other, 30, month=first, approved_at=None, approved_by=None)
    month = paidworld.closed_by_hand(first)
    paidworld.make(month, now)
    paidworld.visit(clients[3], company, 30, 50, month=first, **seen)
    paidworld.make(month, now)
    statement = paidworld.newest(company.care_team.provider)  # type: ignore[union-attr]
    good = paidinvoice.of(statement, "2026-118")
    bad = good.line(0, quantity=good.lines[0].quantity + 35)
    extra = replace(good.lines[0], names="Resor", text="Resor", price=Decimal("95.00"))
    bad = replace(bad, number="2026-117", lines=(*bad.lines[:-1], extra))
    for invoice in (bad, good):
        actions_received.take_in(paidworld.accountant(), invoice.xml(), now=now)
