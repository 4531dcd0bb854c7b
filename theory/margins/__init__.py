"""Margins of pairs (S10): bounds, certificates, and the checker that trusts none of it."""
