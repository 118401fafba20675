"""Who takes which call: lifecycle, routing, targets (pure), and the conductors that run them."""
