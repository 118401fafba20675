"""What we owe to callers after the call."""
