"""The screens inside Airflow and their JSON twin: pages and routes over use cases and views, nothing else."""
