"""Tables as files (port `TableWriter`)."""
