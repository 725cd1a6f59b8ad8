"""PDF files: what is let in, the text layer, and the searchable copy."""
