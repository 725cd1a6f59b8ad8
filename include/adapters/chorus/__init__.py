"""Chorus Pro over PISTE: the only place that knows the addresses, headers and French key names of the platform."""
