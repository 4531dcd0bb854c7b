"""What each verdict rests on: statements, checkers, and what is assumed."""
