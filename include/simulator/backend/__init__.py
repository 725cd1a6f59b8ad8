"""State and rules of the imitated platform, split by noun; no HTTP in here."""
