"""The texts of all reasons as data: one file per station, each mapping a code to its French and English wording."""
