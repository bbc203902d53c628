"""Signing in to the console: password, second step, single sign-on, sessions, activation."""
