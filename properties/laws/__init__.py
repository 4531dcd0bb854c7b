"""The statements S1 to S13 as named properties, and what runs them."""
