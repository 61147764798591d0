"""Money goes back to a member, or is tried again."""
