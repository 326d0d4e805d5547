"""The rules: plain functions over values, without clock, chance, input or output."""
