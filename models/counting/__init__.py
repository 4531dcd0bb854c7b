"""The counting environment: frames of objects to count, its systems and its controls."""
