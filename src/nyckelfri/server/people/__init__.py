"""Who works for whom: users, employees and their service phones."""
