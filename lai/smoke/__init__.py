"""A few samples through every stage, with the user's own model, key and tasks."""
