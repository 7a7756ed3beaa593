"""A billing cycle lived in minutes: the sample community, its staff, and a clock that stands still until nothing is due.

Nothing here exists outside the sandbox. The program it exercises is the real one: the same tasks, database, channels and rules.
"""
