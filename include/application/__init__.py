"""Use cases, one per file; operators, screens and the command line call the same ones."""
