"""Staff: who works where, with which phone and card, and when."""
