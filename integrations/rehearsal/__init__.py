"""The rehearsal: real servers on loopback and a cast who live a whole programme."""
