"""How the deeds of `nyckelfri root` fail."""

from __future__ import annotations


class RootError(Exception):
    """It was not done; the text says what to do."""
