"""From counts to alerts: spike detection, levels, the reasons an alert carries, and who is told.

Reads posts through `domain.protocols.Store`, keeps what it decides in `records`.
"""
