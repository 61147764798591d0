"""What members send: one pydantic model a form; its errors are codes that `texts.py` says."""
