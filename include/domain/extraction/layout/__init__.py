"""A page as lines and cells, with the labels that were found on it and what stands beside them."""
