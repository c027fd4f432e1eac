"""The lock between what writes posts' words into the records and what takes them out."""

#: Detection and the policy read posts and write wordings of theirs into alerts and decisions;
#: deletion takes a post out of the index and its wordings out of these. `Records.alone` with this
#: name lets one of them work at a time.
EVIDENCE = "evidence"
