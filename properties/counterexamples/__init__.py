"""Counterexamples for people: stories, pictures, cases and tests."""
