"""Books of closed years that stand alone: written, signed, verified, and what a unit is given of them."""
