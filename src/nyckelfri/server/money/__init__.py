"""What visits cost: tariffs, fees, invoices, and pay to providers."""
