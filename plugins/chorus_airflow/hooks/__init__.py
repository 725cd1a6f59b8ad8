"""Connection types as Airflow's people use them: *Test connection*, and a way in for DAGs of their own."""
