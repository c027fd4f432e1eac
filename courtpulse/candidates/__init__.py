"""Candidate cases: what unlinked court posts suddenly are about (decision 0014)."""

from courtpulse.candidates.known import CandidateReport
from courtpulse.candidates.rule import RULE, Found, Rule, Sighting, find
from courtpulse.candidates.run import find_candidates

__all__ = ["RULE", "CandidateReport", "Found", "Rule", "Sighting", "find", "find_candidates"]
