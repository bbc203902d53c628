"""Addresses of this area; a team is named by the care system's id, a week as ISO writes it."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.teams import views

urlpatterns: list[URLPattern] = [
    path("", views.show_list, name="teams"),
    path("<str:key>/", views.show_team, name="team"),
]
