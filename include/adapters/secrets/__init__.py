"""Where a process that is no Airflow task reads its connections (design decision 2)."""
