"""From HTTP to an operation and back: authentication, faults, refusals."""
