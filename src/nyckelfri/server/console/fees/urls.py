"""The addresses of what fees are reckoned with."""

from __future__ import annotations

from django.urls import path

from nyckelfri.server.console.fees import views, views_amounts

urlpatterns = [
    path("", views.show_rules, name="fee_rules"),
    path("avsandare/", views.change_sender, name="fee_sender"),
    path("konton/", views.change_accounts, name="fee_accounts"),
    path("avgiftsregler/", views.change_policy, name="fee_policy"),
    path("belopp/", views_amounts.show_amounts, name="fee_amounts"),
    path("taxa/", views_amounts.show_tariff, name="fee_tariff"),
]
