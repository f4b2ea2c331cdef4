"""Which of what was taught an item is nearest to: what may be behind its change, no proof."""
