"""What was learned from invoices: recipients and layouts."""
