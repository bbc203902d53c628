"""Putting the plan right: a visit or shift by hand, absence, and who steps in."""
