"""Providers: whether each may call, how long its login holds, and its account on the platform."""
