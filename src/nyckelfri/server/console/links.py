"""Addresses of the pages of one person or thing, by number."""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_resolver, reverse


@lru_cache(maxsize=4096)
def href(name: str, *numbers: str) -> str:
    """The address of a page; NoReverseMatch where there is no such page."""
    return reverse(name, args=numbers)


def href_if_any(name: str, *numbers: str) -> str:
    """The address of a page; empty where there is no such page."""
    return href(name, *numbers) if name in _names() else ""


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(name for name in get_resolver().reverse_dict if isinstance(name, str))
