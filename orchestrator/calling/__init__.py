"""Calls by a member of staff: whose hands one is in, what is read before it, and what became of it."""
