"""Strategies, checks, reports, the command line and the pytest plugin."""
