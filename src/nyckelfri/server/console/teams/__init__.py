"""Teams: who is in them, and who works when this week."""
