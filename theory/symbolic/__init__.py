"""Statements with parameters, checked by algebra for every value of them."""
