"""Pure rules of the product, one file per station of the river; nothing here reads a file, a clock or a network."""
