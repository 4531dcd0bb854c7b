"""Reports for people: console tables and one self-contained HTML page."""
