"""The audit log as a Django app.

House rules: SQLite has no SHA-256 of its own, so each connection is given ours; a
program without it cannot add a row, since the trigger that chains rows calls it.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from nyckelfri.server.audit import chain

HEAD_FUNCTION = "nyckelfri_audit_head"


class AuditConfig(AppConfig):
    """Gives SQLite connections the function that the chain's trigger calls."""

    name = "nyckelfri.server.audit"

    def ready(self) -> None:
        """Watch for new connections."""
        connection_created.connect(_lend_hash, dispatch_uid=HEAD_FUNCTION)


def _lend_hash(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function(HEAD_FUNCTION, 2, chain.next_head, deterministic=True)
