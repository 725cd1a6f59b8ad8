"""Events and the digests that tell them."""
