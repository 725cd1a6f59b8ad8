"""Pure rules of the product, one file per stage of the pipeline; nothing here reads a file, a clock or a network."""
