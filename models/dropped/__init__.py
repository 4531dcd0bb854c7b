"""What a design does when a hypothesis of the theorem is dropped from its training."""
