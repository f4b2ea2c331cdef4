"""Tasks: data plus a scorer plus a prompt."""
