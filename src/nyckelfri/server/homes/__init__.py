"""Who lives where and what has been decided: providers, teams, clients, plans."""
