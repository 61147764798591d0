"""What the system stands on, and the people and machines around it."""
