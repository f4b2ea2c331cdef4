"""The demo: an invented world, a rule-based tutor of it, and the micro model that is taught."""
