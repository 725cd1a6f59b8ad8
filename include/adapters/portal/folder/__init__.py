"""The portal as a folder tree on any fsspec file system."""
