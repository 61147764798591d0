"""What can't be used is kept, and nothing it may mean is called paid."""
