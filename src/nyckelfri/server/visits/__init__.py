"""What locks and phones recorded: journals, openings, stays."""
