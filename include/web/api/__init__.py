"""The JSON twin of the pages (docs/reference/interfaces.md 6.4)."""
