"""Addresses of the pages of one person or thing, by number."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse


def href(name: str, *numbers: str) -> str:
    """The address of a page; empty where there is no such page."""
    try:
        return reverse(name, args=numbers)
    except NoReverseMatch:
        return ""
