"""Visits as performed: a day at a time, one visit, months."""
