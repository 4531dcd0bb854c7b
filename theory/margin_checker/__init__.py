"""The independent checker of margin certificates: it shares nothing with what writes them."""
