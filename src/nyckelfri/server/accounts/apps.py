"""The app."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Signing in to the console."""

    name = "nyckelfri.server.accounts"
