"""The pages, one file for each group of addresses (docs/reference/interfaces.md 6.2)."""
