"""Saved, replayable instances of anything that failed."""
