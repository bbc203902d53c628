"""Addresses of the first page and its lists."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.start import views

urlpatterns: list[URLPattern] = [
    path("", views.show_start, name="start"),
    path("vantar/<str:what>/", views.show_waiting, name="waiting"),
]
