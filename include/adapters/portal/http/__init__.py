"""A document portal reached through its web services; `portal.HttpPortal` implements the port.

The vendor publishes no reference: the calls are reconstructed from independent public clients, see docs/portal.md.
"""
