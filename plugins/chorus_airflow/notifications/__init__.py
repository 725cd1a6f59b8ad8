"""Airflow's callbacks that tell our people."""
