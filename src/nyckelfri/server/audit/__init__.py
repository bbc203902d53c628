"""What was done, by whom, when and why: append-only."""
