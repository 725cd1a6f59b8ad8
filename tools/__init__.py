"""What who works on the product runs, and the product never: it is not installed."""
