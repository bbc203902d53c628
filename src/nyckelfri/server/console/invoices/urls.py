"""The addresses of invoices."""

from __future__ import annotations

from django.urls import path

from nyckelfri.server.console.invoices import (
    views_credit,
    views_disputes,
    views_exports,
    views_fee,
    views_invoices,
    views_months,
    views_runs,
)

urlpatterns = [
    path("", views_months.show_months, name="invoices"),
    path("manad/<str:month>/", views_months.show_month, name="invoice_month"),
    path("manad/<str:month>/gor/", views_runs.begin, name="invoice_run_begin"),
    path("manad/<str:month>/sie/", views_exports.as_sie, name="invoices_sie"),
    path("manad/<str:month>/peppol/", views_exports.as_peppol, name="invoices_peppol"),
    path("manad/<str:month>/rader.<str:form>", views_exports.as_table, name="invoices_table"),
    path("korning/<int:pk>/", views_runs.show_run, name="invoice_run"),
    path("korning/<int:pk>/fortsatt/", views_runs.go_on, name="invoice_run_go_on"),
    path("alla/", views_invoices.show_list, name="invoice_list"),
    path("kund/<str:number>/", views_fee.show_client, name="client_fee"),
    path("fragor/", views_disputes.show_list, name="disputes"),
    path("fragor/<int:pk>/", views_disputes.show_dispute, name="dispute"),
    path("fragor/<int:pk>/svara/", views_disputes.answer, name="dispute_answer"),
    path("fragor/<int:pk>/avgor/", views_disputes.settle, name="dispute_settle"),
    path("<int:number>/", views_invoices.show_invoice, name="invoice"),
    path("<int:number>/pdf/<str:language>/", views_invoices.as_pdf, name="invoice_pdf"),
    path("<int:number>/kreditera/", views_credit.credit, name="invoice_credit"),
    path("<int:number>/gor-ny/", views_credit.make_anew, name="invoice_anew"),
    path("<int:number>/fraga/<int:line>/", views_disputes.open_one, name="dispute_open"),
]
