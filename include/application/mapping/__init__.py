"""From what was read to an invoice that is complete or says what is missing; what a person does to it."""
