"""Invoices as papers and files: PDF, SIE 4 and Peppol. Values in, bytes out; no database."""
