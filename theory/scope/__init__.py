"""Every small system and every kernel, without exception: S4 by exhaustion."""
