"""The outside world: one folder per neighbour, one file per vendor."""
