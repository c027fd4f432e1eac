"""What the press office hands out: the weekly, as HTML, DOCX and PDF, from frozen aggregates.

store + records → `aggregates.collect` → plain JSON (kept) → `weekly.model_of` → `write`.
Everything after the first arrow reads the aggregates alone, so a report can be made again
when its posts are gone, and `aggregates.recompute` can check it while they are there.
"""
