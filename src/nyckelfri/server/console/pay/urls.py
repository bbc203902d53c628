"""The addresses of pay."""

from __future__ import annotations

from django.urls import path

from nyckelfri.server.console.pay import (
    views_files,
    views_months,
    views_received,
    views_rules,
    views_statement,
)

urlpatterns = [
    path("", views_months.show_months, name="pay"),
    path("manad/<str:month>/", views_months.show_month, name="pay_month"),
    path("manad/<str:month>/gor/", views_months.make, name="pay_make"),
    path("korning/<int:pk>/fortsatt/", views_months.go_on, name="pay_go_on"),
    path("<int:number>/", views_statement.show_statement, name="statement"),
    path("<int:number>/rad/<int:line>/", views_statement.show_line, name="statement_line"),
    path("<int:number>/ersatts-inte/", views_statement.show_unpaid, name="statement_unpaid"),
    path("<int:number>/andringar/", views_statement.show_changes, name="statement_changes"),
    path("<int:number>/pdf/<str:language>/", views_files.as_pdf, name="statement_pdf"),
    path("<int:number>/besok.<str:form>", views_files.as_table, name="statement_table"),
    path("fakturor/ny/", views_received.receive, name="receive_invoice"),
    path("fakturor/<int:pk>/", views_received.show_received, name="received_invoice"),
    path("fakturor/<int:pk>/fil/", views_received.as_file, name="received_file"),
    path("regler/", views_rules.show_rules, name="pay_rules"),
    path("regler/nya/", views_rules.change, name="pay_rules_change"),
]
