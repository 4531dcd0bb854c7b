"""Subjects from objects shaped like those of other projects."""
