"""Boxes around observations: proofs and refutations that codes stay apart inside them."""
