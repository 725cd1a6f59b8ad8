"""One operator per stage, named after its use case."""
