"""Versions of what a form showed, so that nobody overwrites what somebody else has decided.

House rules: a version covers all that the reader's decision may rest on, and nothing that
changes by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from nyckelfri.server.access.models import AccessPolicy
from nyckelfri.server.homes.models import CareDecision, Client, ProviderChoice
from nyckelfri.server.stale import version


def chosen(client: Client, service: str) -> list[ProviderChoice]:
    """All that was ever chosen for a service."""
    return list(ProviderChoice.objects.filter(client=client, service=service).order_by("pk"))


def of_choices(client: Client, service: str, rows: Sequence[ProviderChoice] | None = None) -> str:
    """Of all that was `chosen` for a service (`rows`, where they are read already)."""
    rows = chosen(client, service) if rows is None else rows
    return version(
        client.pk,
        service,
        *(
            (
                row.pk,
                row.provider_id,
                row.care_team_id,
                row.valid_from,
                row.valid_till,
                row.withdrawn_at,
            )
            for row in rows
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
