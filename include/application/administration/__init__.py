"""Everything that is configured: the file, recipients, mail templates, the directory, the dictionary of refusals."""
