"""Letters: to whom, about what, and how they leave."""
