"""What is kept: which row stands under which key. Concrete classes on the Store port."""
