"""The server's settings with two others' audit logs beside ours, for `bench.audit` only."""

from __future__ import annotations

from nyckelfri.server import settings
from nyckelfri.server.settings import *  # noqa: F403 -- settings are names of a module

INSTALLED_APPS = [*settings.INSTALLED_APPS, "simple_history", "auditlog", "bench.audited"]
