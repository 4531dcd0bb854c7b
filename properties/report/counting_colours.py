"""The colours of the counts in figures."""

__all__ = ["COUNT_COLOURS"]

#: From dark to light, so that the order also reads in grey.
COUNT_COLOURS = (
    "#2d0a4e", "#46237a", "#3f4a8a", "#2f6b8e", "#23898e", "#2aa784", "#63c466", "#a9d73f",
    "#f2e028",
)  # fmt: skip
