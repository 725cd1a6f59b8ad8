"""One operator per station, named after its use case."""
