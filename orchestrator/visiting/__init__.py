"""Visits: routes that a supervisor approves, what comes back from the door, and the money that is taken there."""
