"""Finished invoices in packs: small databases of the same tables in the content store, and looks into them."""
