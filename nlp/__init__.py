"""Case linking and labelling: what a post is about, whom it judges, and what it asks for."""
