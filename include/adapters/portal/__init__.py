"""Document portals: a folder tree, or a portal's web services."""
