"""The pure rules: no clock, no I/O, no rows. Values come in as arguments, answers go out as values."""
