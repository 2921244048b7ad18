"""Files that went back to their district and came in again."""
