"""Focus questions: what people ask, claim and demand of a case, and what a draft answers."""
