"""How any process becomes a server process: settings, data directory, tables.

House rules: the only place that calls `django.setup`; safe to call twice.
"""

from __future__ import annotations

import os

SETTINGS = "nyckelfri.server.settings"


def set_up() -> None:
    """Load Django with this project's settings and make the data directory."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django  # noqa: PLC0415 -- must follow the environment
    from django.conf import settings  # noqa: PLC0415 -- the same

    from nyckelfri.server import data_directory  # noqa: PLC0415 -- the same

    data_directory.ensure(settings.DATA)
    django.setup()


def bring_tables_up_to_date() -> None:
    """Apply the migrations that this database lacks; of many processes one does it."""
    from django.core.management import call_command  # noqa: PLC0415 -- needs `set_up`

    from nyckelfri.server import turns  # noqa: PLC0415 -- the same

    with turns.kept(turns.Turn.TABLES):
        call_command("migrate", verbosity=0, interactive=False)
