"""Addresses of openings."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from nyckelfri.server.console.openings import views

urlpatterns: list[URLPattern] = [
    path("", views.show_openings, name="openings"),
    re_path(r"^oppningar\.(?P<form>csv|xlsx)$", views.export_openings, name="openings_export"),
]
