"""One spider a kind of source; all have the same methods in the same order."""
