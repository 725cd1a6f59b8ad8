"""Airflow itself, as a process that is no task can ask it."""
