"""Addresses of the pages of one person or thing, by number."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=4096)
def href(name: str, *numbers: str) -> str:
    """The address of a page; NoReverseMatch where there is no such page."""
    return reverse(name, args=numbers)
