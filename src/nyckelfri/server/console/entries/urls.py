"""Addresses of what comes from phones."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.entries import views

urlpatterns: list[URLPattern] = [
    path("", views.show_entries, name="phone_entries"),
    path("hanterade/", views.show_settled, name="phone_entries_settled"),
    path("<int:number>/", views.show_entry, name="phone_entry"),
    path("etiketter/", views.show_readings, name="label_readings"),
]
