"""How fast and how good the rules are, beside what one would use instead; each module prints a table."""
