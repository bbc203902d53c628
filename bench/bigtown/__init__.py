"""A large generated municipality on PostgreSQL, and its pages: loaded with Django only."""
