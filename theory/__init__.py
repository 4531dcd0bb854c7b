"""Exact mathematics of tellapart: MDPs, partitions, bisimulation, witnesses, certificates."""
