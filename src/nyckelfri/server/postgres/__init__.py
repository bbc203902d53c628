"""PostgreSQL as Django speaks it, and moments read faster."""
