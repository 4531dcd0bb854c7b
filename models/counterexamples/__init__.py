"""Real encoders, trained with a hypothesis of S4 dropped."""
