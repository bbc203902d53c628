"""Addresses of statistics."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from nyckelfri.server.console.statistics import views

urlpatterns: list[URLPattern] = [
    path("", views.show_statistics, name="statistics"),
    path("<slug:measure>/", views.show_measure, name="statistics_measure"),
    re_path(
        r"^(?P<measure>[a-z]+)/(?P<figure>[a-z-]+)\.(?P<form>csv|xlsx)$",
        views.export_figure,
        name="statistics_table",
    ),
]
