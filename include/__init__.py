"""The Chorus Pro connector, importable and testable without Airflow."""
