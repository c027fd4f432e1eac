"""Sources: fetch or import, parse, redact, and lay the posts into the inbox."""
