"""What becomes of an invoice: pure functions that turn what is known into a `Change`, one file per part of its way."""
