"""Document portals: a folder tree (`folder.py`), and later the Portal's web services."""
