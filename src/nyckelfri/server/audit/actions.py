"""How a row gets into the audit log.

House rules: called inside the transaction of the change it tells of, so that
neither is ever stored without the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from nyckelfri.server.audit.models import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from nyckelfri.server.audit.verbs import Verb


@dataclass(frozen=True, slots=True)
class Deed:
    """What happened to one object; `details` are JSON without secrets or names."""

    verb: Verb
    object_id: str
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def record(deeds: Iterable[Deed], *, actor: str, now: datetime) -> None:
    """Append one row a deed, in order; RuntimeError outside a transaction.

    `actor` is who did it: `employee:10001`, `phone:<id>`, `system:import`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Record a deed inside the transaction that does it")
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                at=now,
                actor=actor,
                verb=deed.verb.value,
                object_id=deed.object_id,
                reason=deed.reason,
                details=deed.details,
            )
            for deed in deeds
        ],
        batch_size=500,
    )
