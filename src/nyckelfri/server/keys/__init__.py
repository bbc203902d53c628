"""Grants, bulletins and the keys that sign them: derived, issued, revoked, explained."""
