"""Who may open, and who may see: what the rules of care are fed, and what they answer."""
