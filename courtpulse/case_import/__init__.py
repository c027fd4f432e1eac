"""The registry filled from a court's own case system: CSV, XLSX or YAML through a mapping."""

from courtpulse.case_import.mapping import CaseMapping, load_mapping
from courtpulse.case_import.plan import Outcome
from courtpulse.case_import.run import ImportResult, import_cases

__all__ = ["CaseMapping", "ImportResult", "Outcome", "import_cases", "load_mapping"]
