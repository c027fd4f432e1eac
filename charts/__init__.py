"""Vega-Lite specifications, data only: one set for the console, the reports and the dashboards."""
