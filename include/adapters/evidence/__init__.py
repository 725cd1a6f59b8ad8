"""The page of a pack of evidence, made with Jinja2."""
