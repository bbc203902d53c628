"""Addresses of log review."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.log_reviews import views

urlpatterns: list[URLPattern] = [
    path("", views.show_waiting, name="log_reviews"),
    path("klara/", views.show_closed, name="log_reviews_closed"),
    path("urval/", views.show_draws, name="log_draws"),
    path("urval/nytt/", views.new_draw, name="new_log_draw"),
    path("<int:number>/", views.show_review, name="log_review"),
]
