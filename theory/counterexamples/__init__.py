"""The smallest systems and codes that collapse when a hypothesis of S4 is dropped, exactly."""
