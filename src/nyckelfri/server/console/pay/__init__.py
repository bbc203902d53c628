"""What providers are paid: months, statements, the invoices they send, and the rules."""
