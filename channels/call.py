"""Calls by an agent: a collector dials by hand and reports the conversation in the console."""

from channels.staff import StaffTasks


class CallChannel(StaffTasks):
    channel = "call"
    proves = "B"
