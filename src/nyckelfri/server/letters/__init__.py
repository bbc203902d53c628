"""Letters on paper, for those who have no computer."""
