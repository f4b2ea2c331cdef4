"""The `lai` command."""
