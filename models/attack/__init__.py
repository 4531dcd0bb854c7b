"""Adversarial merging: pull a pair together at zero loss, and see whether it can be done."""
