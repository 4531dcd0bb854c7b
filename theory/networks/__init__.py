"""Networks as data: programs of exact primitives, and their evaluation with every digit proved."""
