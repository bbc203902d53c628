"""Figures of what was done, for whoever runs home care: a module a measure.

House rules: a figure is about a municipality or a team, never about an employee: nothing that
leaves this room is keyed by one or names one. What is about few clients or few staff is not
shown (`facts.shown`). Each definition stands in docs/subsystems/statistics.md with its source.
"""
