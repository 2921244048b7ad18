"""A first look at a file; forms to hand out."""
