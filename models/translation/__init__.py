"""Subjects made of torch modules, as programs that need no torch."""
