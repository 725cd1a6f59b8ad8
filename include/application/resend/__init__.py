"""Sending again what a person chose: one use case for command line, DAGs and screens."""
