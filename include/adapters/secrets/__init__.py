"""Where a process that is no Airflow task reads its connections (docs/adr/0002-secrets-in-connections.md)."""
