"""A published number proven from the cells it came from."""
