"""Addresses of visits as performed; a visit is named by its row, a month as `2026-11`."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.performed import views, views_visit

urlpatterns: list[URLPattern] = [
    path("", views.show_day, name="visits"),
    path("godkann/", views.approve_fitting, name="visits_approve"),
    path("utan-besok/<int:number>/", views.settle_sign, name="loose_sign"),
    path("<int:number>/", views_visit.show_visit, name="visit"),
    path("<int:number>/ratta/", views_visit.correct, name="visit_correct"),
    path("<int:number>/<str:act>/", views_visit.act, name="visit_act"),
]
