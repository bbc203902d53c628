"""The addresses of the pages of rules."""

from __future__ import annotations

from django.urls import path

from nyckelfri.server.console.rules import views

urlpatterns = [
    path("", views.show_rules, name="rules"),
    path("nya/", views.change, name="rules_change"),
    path("<int:pk>/ta-tillbaka/", views.cancel, name="rules_cancel"),
]
