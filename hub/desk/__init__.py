"""The domain: what every command checks and does, and what a principal may see of the result."""
