"""The interval of kernels that zero loss allows: listed, counted, sampled (D4, S5)."""
