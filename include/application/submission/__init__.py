"""Sending: what is ready goes out once, what nobody knows is searched."""
