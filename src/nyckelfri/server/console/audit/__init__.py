"""The audit log: who changed and looked at what, and the proof that nobody changed the log."""
