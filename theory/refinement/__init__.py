"""Partition refinement: three engines with one result, and the log of a run (D3, S7)."""
