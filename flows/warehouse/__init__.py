"""What readers open: described, checked, published, closed, asked."""
