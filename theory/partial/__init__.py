"""What partial data force on an encoder: forced merges, pairs to tell apart, codes, coverage."""
