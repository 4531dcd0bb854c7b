"""Probes of the contract that subjects keep: shapes, determinism, modes, state, gradients."""
