"""A month's invoices: made, looked at, credited, questioned, taken out as files."""
