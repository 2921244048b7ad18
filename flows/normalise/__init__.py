"""Tables of text → typed rows, and which of them are in force."""
