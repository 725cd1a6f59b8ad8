"""What became of invoices: retrieval, comparison, live views, and corrections of what was returned."""
