"""Mail as a neighbour: one port, one file per vendor."""
