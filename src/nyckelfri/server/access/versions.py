"""Versions of what a form showed, so that nobody overwrites what somebody else has decided.

House rules: a version covers all that the reader's decision may rest on, and nothing that
changes by itself.
"""

from __future__ import annotations

from nyckelfri.server.access.models import AccessPolicy
from nyckelfri.server.homes.models import CareDecision, Client, ProviderChoice
from nyckelfri.server.stale import version


def of_choices(client: Client, service: str) -> str:
    """Of all that was chosen for a service, the past too."""
    rows = ProviderChoice.objects.filter(client=client, service=service).order_by("pk")
    return version(
        client.pk,
        service,
        *rows.values_list(
            "pk", "provider_id", "care_team_id", "valid_from", "valid_till", "withdrawn_at"
        ),
    )


def of_decision(decision: CareDecision) -> str:
    """Of one care decision."""
    row = decision
    said = (row.service, row.amount, row.unit, row.valid_from, row.valid_till, row.withdrawn_at)
    return version(row.pk, *said)


def of_policies() -> str:
    """Of all policies that are recorded."""
    rows = AccessPolicy.objects.order_by("pk")
    return version(*rows.values_list("pk", "valid_from", "cancelled_at"))
