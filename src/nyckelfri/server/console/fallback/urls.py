"""The address of the fallback."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.fallback import views

urlpatterns: list[URLPattern] = [path("", views.show_fallback, name="fallback")]
