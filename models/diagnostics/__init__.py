"""What people watch while they train, beside what it cannot see."""
