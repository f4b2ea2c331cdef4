"""Engines: one interface for target, instructor and judge."""
