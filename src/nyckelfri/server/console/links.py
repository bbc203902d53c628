"""Addresses of the pages of one person or thing, by number."""

from __future__ import annotations

from django.urls import reverse


def href(name: str, *numbers: str) -> str:
    """The address of a page; NoReverseMatch where there is no such page."""
    return reverse(name, args=numbers)
