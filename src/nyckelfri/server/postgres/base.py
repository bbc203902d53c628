"""The database backend that `database` names: Django's, with three things of our own.

- Moments are read by the driver's compiled loader, which gives the same aware UTC values (Django
  has set the connection's time zone to UTC) in a tenth of the time. A month has millions of them.
- Where a standby is asked for (`NYCKELFRI_STANDBY`), whoever begins to use a connection first waits
  until all that was committed before is on the standby too. A primary that is alone and restarts
  shows rows that nobody else has, and who only reads is not made to wait: a receipt for entries
  that are lost with it, say. It takes the place of the question whether the connection still lives.
- A commit whose wait for the standby was cancelled counts as failed. To PostgreSQL it is done, and
  a warning is all that says so.
"""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError
from django.db.backends.postgresql import base
from psycopg import adapters
from psycopg.pq import Format

from nyckelfri.server.outages import StandingError

_MOMENT: Final = "timestamptz"
_COMPILED: Final = adapters.get_loader(adapters.types[_MOMENT].oid, Format.TEXT)
_WARNING: Final = "01000"
_STANDING: Final = """
SELECT CASE
  WHEN pg_is_in_recovery() THEN 'recovery'
  WHEN current_setting('synchronous_standby_names') <> ''
    AND NOT EXISTS (SELECT FROM pg_stat_replication) THEN 'alone'
  ELSE pg_logical_emit_message(true, 'nyckelfri', '')::text END
"""
"""One small record in the log of the database, so that there is a commit to wait for."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose cursors read moments as the driver does, and whose answers stand."""

    _unsure = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """As Django makes it, and warnings are heard."""
        connection = super().get_new_connection(conn_params)
        connection.add_notice_handler(self._hear)
        return connection

    def connect(self) -> None:
        """As Django does it; StandingError where what this database says may be lost."""
        super().connect()
        if settings.STANDBY:
            try:
                self._stand()
            except BaseException:
                self.close()
                raise

    def is_usable(self) -> bool:
        """Whether the connection lives, and what can be read by it is on the standby too."""
        if not settings.STANDBY or self.connection is None:
            return super().is_usable()
        try:
            self._stand()
        except DatabaseError:
            return False
        return True

    def create_cursor(self, name: str | None = None) -> Any:
        """As Django makes it, but for the loader."""
        cursor = super().create_cursor(name)
        if _COMPILED is not None:
            cursor.adapters.register_loader(_MOMENT, _COMPILED)
        return cursor

    def _commit(self) -> None:
        self._unsure = False
        super()._commit()  # type: ignore[misc]  # the stubs leave it out
        self._require_sure()

    def _stand(self) -> None:
        """Wait until what was committed here is on the standby; StandingError where it never is."""
        self._unsure = False
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            (found,) = cursor.execute(_STANDING).fetchone()
        if found == "recovery":
            raise StandingError(
                "DATABASE_URL leads to a standby: name every host in it, with commas, so that the "
                "one that is primary is found"
            )
        if found == "alone":
            raise StandingError(
                "PostgreSQL has no standby that takes part, so nothing it stores would be safe: "
                "bring one back; if another has taken over, lead DATABASE_URL there"
            )
        self._require_sure()

    def _hear(self, notice: Any) -> None:
        self._unsure = self._unsure or notice.sqlstate == _WARNING

    def _require_sure(self) -> None:
        if self._unsure:
            raise StandingError(
                "Somebody cancelled the wait for the standby: what was stored may be on this "
                "machine alone. End such a session with pg_terminate_backend, never with "
                "pg_cancel_backend"
            )
