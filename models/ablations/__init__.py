"""The ablation matrix: designs, families of systems and seeds."""
