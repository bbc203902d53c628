"""Addresses of this area; people are named by number, rows by their id."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.plan import absence, by_hand

urlpatterns: list[URLPattern] = [
    path("pass/<str:number>/", by_hand.add_shift, name="add_shift"),
    path("pass/<str:key>/ta-bort/", by_hand.cancel_shift, name="cancel_shift"),
    path("besok/<str:number>/", by_hand.add_visit, name="add_visit"),
    path("besok/<str:key>/ta-bort/", by_hand.cancel_visit, name="cancel_visit"),
    path("franvaro/<str:number>/", absence.report, name="report_absence"),
    path("franvaro/<str:number>/<int:row>/tillbaka/", absence.end, name="end_absence"),
    path("ersattare/<str:number>/", absence.cover, name="cover"),
    path("overtaget/<int:row>/tillbaka/", absence.give_back, name="end_takeover"),
]
