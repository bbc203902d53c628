"""The municipality's server: who lives where, who works when, and what follows from it.

House rules: faces (console, phoneapi, importer) → actions and queries → models →
care, door. A face never writes; every change of state is one function in an
`actions.py`, which checks, changes and writes the audit row in one transaction.
`now` is asked once, in the face (`nyckelfri.clock`), and handed down.
"""
