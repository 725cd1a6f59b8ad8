"""What every part of our database stands on: tables, transactions, codec, rows of invoices, configuration, contents."""
