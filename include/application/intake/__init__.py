"""From the portal to invoices: documents are collected, linked, and held against the criteria."""
