"""The acts: retryable, idempotent verbs that hold ports to the outside world."""
