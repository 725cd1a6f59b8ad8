"""HTTP below the adapters: one bounded exchange, what surely did not leave, metering, the address of a connection."""
