"""From bytes to candidates for every field: reading itself, the platform's own reading, and the layout memory."""
