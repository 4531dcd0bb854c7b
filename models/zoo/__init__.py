"""Subjects with a known verdict: what must pass and what must not."""
