"""What the iterations' metrics and records amount to: a summary, a table and a page."""
