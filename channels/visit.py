"""Visits: a collector goes to the door, hands over or affixes the notice, and reports it in the console."""

from channels.staff import StaffTasks


class VisitChannel(StaffTasks):
    channel = "visit"
    proves = "C"
