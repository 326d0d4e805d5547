"""The letters: what each is for, who answers it, and how surely it must arrive."""
