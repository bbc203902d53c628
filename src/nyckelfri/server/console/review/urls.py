"""Addresses of what is to be reviewed."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.review import views

urlpatterns: list[URLPattern] = [
    path("", views.show_review, name="review"),
    path("hanterade/", views.show_settled, name="review_settled"),
    path("<int:number>/", views.show_delivery, name="delivery"),
]
