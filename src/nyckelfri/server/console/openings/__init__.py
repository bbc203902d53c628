"""Who opened which door when, and taking it out as a file."""
