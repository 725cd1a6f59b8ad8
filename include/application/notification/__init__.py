"""Telling people by mail, and the portal in metadata, what happened."""
