"""HR systems as neighbours: the canonical event, its proofs and the roster."""
