"""Books that prove themselves."""
