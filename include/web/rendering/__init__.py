"""From values to pages: the reader's language, the templates, how values are shown, files that never change."""
