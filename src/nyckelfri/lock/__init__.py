"""The lock program: one thumb-turn or entrance unit, no network, one radio."""
