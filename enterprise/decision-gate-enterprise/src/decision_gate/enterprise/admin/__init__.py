"""Administration: use cases over the directory, and the thin surfaces that call them."""
