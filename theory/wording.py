"""Numbers with their nouns, as a person writes them."""

__all__ = ["count", "integer"]


def integer(value: int) -> str:
    """Write a count with thousands separated."""
    return f"{value:,}"


def count(value: int, noun: str, plural: str | None = None) -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> count(1, "pair"), count(1200, "pair"), count(2, "class", "classes")
    ('1 pair', '1,200 pairs', '2 classes')
    """
    return f"{integer(value)} {noun if value == 1 else plural or noun + 's'}"
