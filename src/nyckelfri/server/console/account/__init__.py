"""Signing in, and one's own account: password, second step, sessions."""
