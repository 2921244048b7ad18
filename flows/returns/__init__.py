"""Each district's own file, back with what to put right."""
