"""What the platform told of invoices, and their corrections."""
