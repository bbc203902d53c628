"""House rule for this room: a machine under load is slow, not wrong, so no deadline an example."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
