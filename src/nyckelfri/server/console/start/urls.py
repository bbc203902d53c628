"""Addresses of this area."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.start import views

urlpatterns: list[URLPattern] = [path("", views.show_start, name="start")]
