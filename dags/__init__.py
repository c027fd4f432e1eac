"""Airflow DAGs: thin files that call `courtpulse.flow`. Heavy imports stay inside the tasks."""
