"""Labelling by hand: which text next, what was answered, how two people agree."""
