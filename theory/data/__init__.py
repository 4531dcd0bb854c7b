"""Logged transitions: any coverage, with labels on some observations."""
