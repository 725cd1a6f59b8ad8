"""The declarations of the fields, one file per part of an invoice; `registry.py` makes the one table of them."""
