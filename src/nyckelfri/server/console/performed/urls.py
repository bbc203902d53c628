"""Addresses of visits as performed; a visit is named by its row, a month as `2026-11`."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.performed import (
    views,
    views_client,
    views_enter,
    views_months,
    views_visit,
)

urlpatterns: list[URLPattern] = [
    path("", views.show_day, name="visits"),
    path("godkann/", views.approve_fitting, name="visits_approve"),
    path("utan-besok/<int:number>/", views.settle_sign, name="loose_sign"),
    path("ny/", views_enter.enter, name="visit_enter"),
    path("inlagda/<int:number>/", views_enter.take_back, name="office_entry"),
    path("kund/<str:number>/", views_client.show_client, name="client_visits"),
    path("dagar/", views_months.show_days, name="visit_days"),
    path("manader/", views_months.show_months, name="visit_months"),
    path("manader/<str:month>/stang/", views_months.close, name="month_close"),
    path("manader/<str:month>/oppna/", views_months.reopen, name="month_reopen"),
    path("<int:number>/", views_visit.show_visit, name="visit"),
    path("<int:number>/ratta/", views_visit.correct, name="visit_correct"),
    path("<int:number>/<str:act>/", views_visit.act, name="visit_act"),
]
