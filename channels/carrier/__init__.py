"""The sandbox carrier: one process that stands in for Twilio, the post and the bank, with people at the other end.

It is a stranger to the program: it is told sandbox time by whoever drives the sandbox and speaks only HTTP.
"""
