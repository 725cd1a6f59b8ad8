"""The product's stations as Airflow operators. With dags/ the only code that imports airflow."""
