"""Addresses of this area; an employee is named by number."""

from __future__ import annotations

from django.urls import URLPattern, path

from nyckelfri.server.console.staff import changes, views, withdrawals

urlpatterns: list[URLPattern] = [
    path("", views.show_list, name="staff"),
    path("<str:number>/", views.show_employee, name="employee"),
    path("<str:number>/legitimation/", changes.identification, name="identification"),
    path("<str:number>/egna-kunder/", changes.own_clients, name="own_clients"),
    path("<str:number>/indragen/", withdrawals.withdraw, name="employee_withdraw"),
    path("<str:number>/indragen/<int:pk>/hav/", withdrawals.give_back, name="employee_give_back"),
]
