"""The outside world, one package per port; they do not know each other."""
