"""The demonstration: sample documents, a generator of French invoices to public bodies, and a configuration."""
