"""Our own database through SQLAlchemy, and the content store through fsspec."""
