"""The letter office: who is written to, what a letter tells, and its way out of the house."""
