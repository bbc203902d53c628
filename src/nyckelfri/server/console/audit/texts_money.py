"""Words of the audit log's deeds with money: fees, invoices, pay."""

from __future__ import annotations

from typing import Final

MONEY: Final[dict[str, tuple[str, str]]] = {
    "verb_money_rules": ("Bestämde regler för pengar", "Set rules for money"),
    "verb_legal_amounts": ("Lade in lagens belopp", "Recorded the law’s amounts"),
    "verb_run_begin": ("Lät göra en månads fakturor", "Had a month’s invoices made"),
    "verb_run_go_on": ("Lät fortsätta med fakturorna", "Had the invoices gone on with"),
    "verb_run_end": ("Blev klar med fakturorna", "Finished the invoices"),
    "verb_invoice_issue": ("Gjorde fakturor", "Made invoices"),
    "verb_invoice_credit": ("Krediterade en faktura", "Credited an invoice"),
    "verb_statement_issue": ("Gjorde ett ersättningsunderlag", "Made a statement of pay"),
    "verb_dispute_open": ("Skrev ned en fråga om en faktura", "Wrote down a question"),
    "verb_dispute_answer": ("Svarade om en faktura", "Answered about an invoice"),
    "verb_dispute_settle": ("Avgjorde en fråga om en faktura", "Settled a question"),
    "verb_received_check": ("Kontrollerade en utförares faktura", "Checked a provider’s invoice"),
    "verb_money_export": ("Tog ut en fil till ekonomisystemet", "Took out a file for finance"),
    "system_month_run": ("Månadskörningen", "The month’s run"),
    "thing_month": ("Månad", "Month"),
    "thing_month_run": ("Körning", "Run"),
    "thing_invoice": ("Faktura", "Invoice"),
    "thing_statement": ("Ersättningsunderlag", "Statement"),
    "thing_dispute": ("Fråga om faktura", "Question about an invoice"),
    "thing_money_rules": ("Regler för pengar", "Rules for money"),
    "thing_legal_amounts": ("Lagens belopp", "The law’s amounts"),
    "detail_month": ("Månad", "Month"),
    "detail_made": ("Gjorda", "Made"),
    "detail_left_out": ("Utan faktura", "Without an invoice"),
    "detail_first": ("Första", "First"),
    "detail_credit": ("Kreditfaktura", "Credit note"),
    "detail_version": ("Version", "Version"),
    "detail_outcome": ("Utfall", "Outcome"),
}
