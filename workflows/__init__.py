"""The lives: what happens, in which order, and how long we wait."""
