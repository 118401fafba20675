"""The only code that talks outward: Redis, SQL and the phone network."""
