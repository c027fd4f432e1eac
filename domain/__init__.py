"""The vocabulary of courtpulse: what flows between rooms, and what rooms offer each other.

Frozen dataclasses and protocols only. No I/O, no third-party import, no import of another room.
Every datetime is aware and in UTC; pages and reports convert to Asia/Shanghai.
A change here needs an ADR in ``docs/decisions/``.
"""
