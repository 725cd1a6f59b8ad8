"""Words as data: labels, what only looks like one, words of a language, and patterns of values."""
