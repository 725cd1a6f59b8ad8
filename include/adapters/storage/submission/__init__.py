"""Attempts, claims, keys and what an answer or a search decides."""
