"""Clients: who can open their doors and why, their provider, decisions and door."""
