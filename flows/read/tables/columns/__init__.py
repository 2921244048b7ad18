"""What the columns of a table are: which are held for want of a known header, and what a table says of all its rows."""
