"""How far what was read can be believed."""
