"""The addresses of the pages of rules."""

from __future__ import annotations

from django.urls import path

from nyckelfri.server.console.rules import views

urlpatterns = [
    path("", views.show_rules, name="rules"),
    path("nya/", views.change, name="rules_change"),
    path("forslag/<int:pk>/", views.show_draft, name="rules_draft"),
    path("forslag/<int:pk>/andra/", views.change, name="rules_edit"),
    path("<int:pk>/ta-tillbaka/", views.cancel, name="rules_cancel"),
]
