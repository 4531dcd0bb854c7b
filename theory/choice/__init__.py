"""Which label to train with: targets, comparisons, suggestions and reasons (S9)."""
