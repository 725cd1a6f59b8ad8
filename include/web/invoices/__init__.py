"""What the pages of invoices and their JSON share."""
