"""The exchange says who is enrolled in what."""
