"""What locks and phones delivered and could not be accepted."""
