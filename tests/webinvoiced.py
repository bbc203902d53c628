"""October of some of Björkvik's clients, invoiced: one of each kind that pages show.

House rules: called by `webtown` when everything else is there; Django is set up.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

CLIENTS: Final = ("B0001", "B0002", "B0003", "B0004", "B0005")
"""The first has protected identity, and the last a visit that nobody has reviewed."""


def invoice(now: datetime) -> None:
    """Invoices, one credited and made anew, what a client questions, somebody left out."""
    import moneyworld
    from nyckelfri.server.homes.models import Client
    from nyckelfri.server.money import actions_credit, actions_disputes
    from nyckelfri.server.money.models import Dispute, Invoice
    from nyckelfri.server.people.models import Employee, Role

    accountant = Employee.objects.filter(role=Role.ACCOUNTANT).exclude(user=None)[0]
    carer = Employee.objects.get(number="10001")
    money = moneyworld.close(carer, accountant)
    clients = [Client.objects.get(external_id=number) for number in CLIENTS]
    for client in clients:
        for day in range(1, 29, 3):
            money.visit(client, day, 1500 + 7 * day)
            money.visit(client, day, 1800, hour=18, services=["care", "household"])
        money.meals(client, 2, 2)
    money.visit(clients[-1], 30, approved=False)
    money.run()
    given = {row.client.external_id: row for row in Invoice.objects.select_related("client")}
    credited = given["B0004"]
    actions_credit.credit(money.accountant, credited, reason="Fel tid den 1 oktober", now=now)
    actions_credit.make_anew(
        money.accountant, credited.client, money.month, issued=now.date(), now=now
    )
    said = "Ingen kom den 4 oktober, säger kunden."
    for number in ("B0002", "B0003"):
        row = actions_disputes.open_dispute(money.accountant, given[number], 1, text=said, now=now)
    outcome = Dispute.Outcome.CORRECTED
    actions_disputes.settle(money.accountant, row, outcome, text="Det stämmer.", now=now)
