"""The database backend that `database` names: Django's, with one loader of the driver's own.

Django reads a moment in Python, by a regular expression; the driver's compiled loader gives the
same aware UTC values, since Django has set the connection's time zone to UTC, in a tenth of the
time. A month of visits has millions of them.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.backends.postgresql import base
from psycopg import adapters
from psycopg.pq import Format

_MOMENT: Final = "timestamptz"
_COMPILED: Final = adapters.get_loader(adapters.types[_MOMENT].oid, Format.TEXT)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose cursors read moments as the driver does."""

    def create_cursor(self, name: str | None = None) -> Any:
        """As Django makes it, but for the loader."""
        cursor = super().create_cursor(name)
        if _COMPILED is not None:
            cursor.adapters.register_loader(_MOMENT, _COMPILED)
        return cursor
