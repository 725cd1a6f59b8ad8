"""The product's stages as Airflow operators. With dags/ the only code that imports airflow."""
