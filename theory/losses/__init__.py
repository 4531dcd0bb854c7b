"""What given codes cannot avoid: the irreducible loss (S11)."""
