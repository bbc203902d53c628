"""Addresses of this area."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.review import views

urlpatterns: list[URLPattern] = [path("", views.show_review, name="review")]
