"""Service phones: where they are, what they can open, and their end."""
