"""How large a latent must be: exact ranks and the smallest linear models (S12)."""
