"""Documents of the portal and their invoices, until an invoice is assessed."""
