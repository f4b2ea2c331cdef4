"""Replies kept, so that none is paid for twice."""
