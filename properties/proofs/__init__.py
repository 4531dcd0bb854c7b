"""What is known of each statement of the theory, and how: every layer that is installed, run."""
