"""The checks of the suite, one module for each tier."""
