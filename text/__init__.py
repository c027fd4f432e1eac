"""Chinese text as such: normalise, redact, compare, and read numbers, dates and ids out of it.

Pure functions over strings; no state, no I/O. Every pattern is bounded, so that a hostile line of
a megabyte costs time in proportion to its length.
"""
